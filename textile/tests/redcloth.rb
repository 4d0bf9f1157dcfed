# Compares the expected HTML of the texts with RedCloth: the sequence of elements, and the words that a reader sees.
#
#   ruby textile/tests/redcloth.rb
#
# Fails if fewer than 90 % of the texts have the same elements, or if a text differs that is not in the table of
# textile/README.md.

require "cgi"
require "redcloth"

SHARE = 0.9

def remove_comments(html)
  html.gsub(/<!--.*?-->/m, "")
end

def list_elements(html)
  remove_comments(html).scan(/<([A-Za-z][A-Za-z0-9]*)(?=[\s\/>])/).flatten.map(&:downcase)
end

def list_words(html)
  CGI.unescapeHTML(remove_comments(html).gsub(/<[^>]*>/, " ").gsub("&nbsp;", " ")).scan(/[[:alnum:]]+/)
end

folder = __dir__
listed = File.read("#{folder}/../README.md").scan(/^\| `([^`]*)` \|/).flatten
total = 0
differing = []
Dir["#{folder}/texts/*.txt"].sort.each do |path|
  name = File.basename(path, ".txt")
  ("\n" + File.read(path)).split("\n=== ").drop(1).each do |part|
    title, rest = part.split("\n", 2)
    source, ours = rest.split("\n--- html\n", 2)
    theirs = RedCloth.new(source).to_html
    total += 1
    same_elements = list_elements(theirs) == list_elements(ours)
    same_words = list_words(theirs) == list_words(ours)
    next if same_elements && same_words

    differing << ["#{name}: #{title}", same_elements, theirs, ours]
  end
end

failed = false
differing.each do |name, _, theirs, ours|
  next if listed.include?(name)

  failed = true
  puts "#{name} differs from RedCloth and is not in textile/README.md\nRedCloth:\n#{theirs}\nours:\n#{ours}"
end
(listed - differing.map(&:first)).each do |name|
  failed = true
  puts "#{name} is in textile/README.md, but does not differ from RedCloth"
end
same = total - differing.count { |_, same_elements| !same_elements }
puts "textile: #{same} of #{total} texts have the elements of RedCloth #{RedCloth::VERSION}, " \
     "#{total - differing.size} also its words"
exit(!failed && same >= SHARE * total)

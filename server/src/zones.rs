//! Users' time zones, under the names that the API has for them.
//!
//! The API names a zone as Rails does, `Pacific Time (US & Canada)`; IANA's names are taken too, and are what Rails'
//! stand for. Zones come from the database inside the program, so that they are the same on every machine.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::tz::{TimeZone, TimeZoneDatabase};

/// The time zone of a name, Rails' or IANA's, in any case of its letters; UTC if the name is not known.
pub(crate) fn zone(name: &str) -> TimeZone {
    find(name).unwrap_or(TimeZone::UTC)
}

/// Rails' name for the time zone of a name, Rails' or IANA's; `None` if no time zone has the name, or Rails none like it.
///
/// Where Rails has several names for a zone, it is the one that IANA uses too: `London`, not `Edinburgh`. A zone that
/// Rails does not name goes by the one whose clocks have shown the same for longest, and will: `America/Toronto` is
/// `Eastern Time (US & Canada)`, as is `US/Eastern`.
pub(crate) fn rails(name: &str) -> Option<&'static str> {
    if let Some((rails, _)) = RAILS.iter().find(|(rails, _)| rails.eq_ignore_ascii_case(name)) {
        return Some(rails);
    }
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    let named = RAILS.iter().find(|(_, iana)| iana.eq_ignore_ascii_case(name));
    let (_, iana) = named.or_else(|| nearest(&zone))?;
    let city = iana.rsplit('/').next().unwrap_or(iana).replace('_', " ");
    let mut names = RAILS.iter().filter(|(_, other)| other == iana).map(|(rails, _)| *rails);
    let first = names.next()?;
    Some(std::iter::once(first).chain(names).find(|rails| rails.eq_ignore_ascii_case(&city)).unwrap_or(first))
}

/// All names that the API has for time zones, with what IANA calls them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    RAILS.iter().copied()
}

/// The zone of Rails' whose clocks have shown the same as this one's for longest; `None` if none will from now on.
fn nearest(zone: &TimeZone) -> Option<&'static (&'static str, &'static str)> {
    let agreed = RAILS.iter().map(|entry| (weeks_of_agreement(zone, &self::zone(entry.1)), entry));
    let longest = agreed.rev().max_by_key(|(weeks, _)| *weeks)?;
    (longest.0 >= WEEKS_TO_COME).then_some(longest.1)
}

/// How long, backwards from [`LAST_SATURDAY`], the clocks of two zones show the same; at most a century.
fn weeks_of_agreement(one: &TimeZone, other: &TimeZone) -> usize {
    let shown = |weeks: &i64| {
        let at = Timestamp::constant(LAST_SATURDAY - weeks * 7 * 24 * 3600, 0);
        one.to_offset(at) == other.to_offset(at)
    };
    (0..5200).take_while(shown).count()
}

/// 26 December 2037, noon UTC. Many clocks change on a Sunday, some on a Friday.
const LAST_SATURDAY: i64 = 2_145_441_600;

/// From the beginning of 2027 to then.
const WEEKS_TO_COME: usize = 573;

fn find(name: &str) -> Option<TimeZone> {
    let iana = RAILS.iter().find(|(rails, _)| rails.eq_ignore_ascii_case(name)).map_or(name, |(_, iana)| iana);
    TimeZoneDatabase::bundled().get(iana).ok()
}

/// Rails' names and what they stand for, as in `MAPPING` of ActiveSupport's `values/time_zone.rb`; where IANA has
/// renamed a zone, its name of today.
const RAILS: &[(&str, &str)] = &[
    ("International Date Line West", "Etc/GMT+12"),
    ("Midway Island", "Pacific/Midway"),
    ("American Samoa", "Pacific/Pago_Pago"),
    ("Hawaii", "Pacific/Honolulu"),
    ("Alaska", "America/Juneau"),
    ("Pacific Time (US & Canada)", "America/Los_Angeles"),
    ("Tijuana", "America/Tijuana"),
    ("Mountain Time (US & Canada)", "America/Denver"),
    ("Arizona", "America/Phoenix"),
    ("Chihuahua", "America/Chihuahua"),
    ("Mazatlan", "America/Mazatlan"),
    ("Central Time (US & Canada)", "America/Chicago"),
    ("Saskatchewan", "America/Regina"),
    ("Guadalajara", "America/Mexico_City"),
    ("Mexico City", "America/Mexico_City"),
    ("Monterrey", "America/Monterrey"),
    ("Central America", "America/Guatemala"),
    ("Eastern Time (US & Canada)", "America/New_York"),
    ("Indiana (East)", "America/Indiana/Indianapolis"),
    ("Bogota", "America/Bogota"),
    ("Lima", "America/Lima"),
    ("Quito", "America/Lima"),
    ("Atlantic Time (Canada)", "America/Halifax"),
    ("Caracas", "America/Caracas"),
    ("La Paz", "America/La_Paz"),
    ("Santiago", "America/Santiago"),
    ("Asuncion", "America/Asuncion"),
    ("Newfoundland", "America/St_Johns"),
    ("Brasilia", "America/Sao_Paulo"),
    ("Buenos Aires", "America/Argentina/Buenos_Aires"),
    ("Montevideo", "America/Montevideo"),
    ("Georgetown", "America/Guyana"),
    ("Puerto Rico", "America/Puerto_Rico"),
    ("Greenland", "America/Nuuk"),
    ("Mid-Atlantic", "Atlantic/South_Georgia"),
    ("Azores", "Atlantic/Azores"),
    ("Cape Verde Is.", "Atlantic/Cape_Verde"),
    ("Dublin", "Europe/Dublin"),
    ("Edinburgh", "Europe/London"),
    ("Lisbon", "Europe/Lisbon"),
    ("London", "Europe/London"),
    ("Casablanca", "Africa/Casablanca"),
    ("Monrovia", "Africa/Monrovia"),
    ("UTC", "Etc/UTC"),
    ("Belgrade", "Europe/Belgrade"),
    ("Bratislava", "Europe/Bratislava"),
    ("Budapest", "Europe/Budapest"),
    ("Ljubljana", "Europe/Ljubljana"),
    ("Prague", "Europe/Prague"),
    ("Sarajevo", "Europe/Sarajevo"),
    ("Skopje", "Europe/Skopje"),
    ("Warsaw", "Europe/Warsaw"),
    ("Zagreb", "Europe/Zagreb"),
    ("Brussels", "Europe/Brussels"),
    ("Copenhagen", "Europe/Copenhagen"),
    ("Madrid", "Europe/Madrid"),
    ("Paris", "Europe/Paris"),
    ("Amsterdam", "Europe/Amsterdam"),
    ("Berlin", "Europe/Berlin"),
    ("Bern", "Europe/Zurich"),
    ("Zurich", "Europe/Zurich"),
    ("Rome", "Europe/Rome"),
    ("Stockholm", "Europe/Stockholm"),
    ("Vienna", "Europe/Vienna"),
    ("West Central Africa", "Africa/Algiers"),
    ("Bucharest", "Europe/Bucharest"),
    ("Cairo", "Africa/Cairo"),
    ("Helsinki", "Europe/Helsinki"),
    ("Kyiv", "Europe/Kyiv"),
    // As Rails spelt it when the service was young.
    ("Kyev", "Europe/Kyiv"),
    ("Riga", "Europe/Riga"),
    ("Sofia", "Europe/Sofia"),
    ("Tallinn", "Europe/Tallinn"),
    ("Vilnius", "Europe/Vilnius"),
    ("Athens", "Europe/Athens"),
    ("Istanbul", "Europe/Istanbul"),
    ("Minsk", "Europe/Minsk"),
    ("Jerusalem", "Asia/Jerusalem"),
    ("Harare", "Africa/Harare"),
    ("Pretoria", "Africa/Johannesburg"),
    ("Kaliningrad", "Europe/Kaliningrad"),
    ("Moscow", "Europe/Moscow"),
    ("St. Petersburg", "Europe/Moscow"),
    ("Volgograd", "Europe/Volgograd"),
    ("Samara", "Europe/Samara"),
    ("Kuwait", "Asia/Kuwait"),
    ("Riyadh", "Asia/Riyadh"),
    ("Nairobi", "Africa/Nairobi"),
    ("Baghdad", "Asia/Baghdad"),
    ("Tehran", "Asia/Tehran"),
    ("Abu Dhabi", "Asia/Muscat"),
    ("Muscat", "Asia/Muscat"),
    ("Baku", "Asia/Baku"),
    ("Tbilisi", "Asia/Tbilisi"),
    ("Yerevan", "Asia/Yerevan"),
    ("Kabul", "Asia/Kabul"),
    ("Ekaterinburg", "Asia/Yekaterinburg"),
    ("Islamabad", "Asia/Karachi"),
    ("Karachi", "Asia/Karachi"),
    ("Tashkent", "Asia/Tashkent"),
    ("Chennai", "Asia/Kolkata"),
    ("Kolkata", "Asia/Kolkata"),
    ("Mumbai", "Asia/Kolkata"),
    ("New Delhi", "Asia/Kolkata"),
    ("Kathmandu", "Asia/Kathmandu"),
    ("Dhaka", "Asia/Dhaka"),
    ("Sri Jayawardenepura", "Asia/Colombo"),
    ("Almaty", "Asia/Almaty"),
    ("Astana", "Asia/Almaty"),
    ("Novosibirsk", "Asia/Novosibirsk"),
    ("Rangoon", "Asia/Yangon"),
    ("Bangkok", "Asia/Bangkok"),
    ("Hanoi", "Asia/Bangkok"),
    ("Jakarta", "Asia/Jakarta"),
    ("Krasnoyarsk", "Asia/Krasnoyarsk"),
    ("Beijing", "Asia/Shanghai"),
    ("Chongqing", "Asia/Chongqing"),
    ("Hong Kong", "Asia/Hong_Kong"),
    ("Urumqi", "Asia/Urumqi"),
    ("Kuala Lumpur", "Asia/Kuala_Lumpur"),
    ("Singapore", "Asia/Singapore"),
    ("Taipei", "Asia/Taipei"),
    ("Perth", "Australia/Perth"),
    ("Irkutsk", "Asia/Irkutsk"),
    ("Ulaanbaatar", "Asia/Ulaanbaatar"),
    ("Seoul", "Asia/Seoul"),
    ("Osaka", "Asia/Tokyo"),
    ("Sapporo", "Asia/Tokyo"),
    ("Tokyo", "Asia/Tokyo"),
    ("Yakutsk", "Asia/Yakutsk"),
    ("Darwin", "Australia/Darwin"),
    ("Adelaide", "Australia/Adelaide"),
    ("Canberra", "Australia/Canberra"),
    ("Melbourne", "Australia/Melbourne"),
    ("Sydney", "Australia/Sydney"),
    ("Brisbane", "Australia/Brisbane"),
    ("Hobart", "Australia/Hobart"),
    ("Vladivostok", "Asia/Vladivostok"),
    ("Guam", "Pacific/Guam"),
    ("Port Moresby", "Pacific/Port_Moresby"),
    ("Magadan", "Asia/Magadan"),
    ("Srednekolymsk", "Asia/Srednekolymsk"),
    ("Solomon Is.", "Pacific/Guadalcanal"),
    ("New Caledonia", "Pacific/Noumea"),
    ("Fiji", "Pacific/Fiji"),
    ("Kamchatka", "Asia/Kamchatka"),
    ("Marshall Is.", "Pacific/Majuro"),
    ("Auckland", "Pacific/Auckland"),
    ("Wellington", "Pacific/Auckland"),
    ("Nuku'alofa", "Pacific/Tongatapu"),
    ("Tokelau Is.", "Pacific/Fakaofo"),
    ("Chatham Is.", "Pacific/Chatham"),
    ("Samoa", "Pacific/Apia"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rails_name_stands_for_a_zone_of_the_database() {
        let database = TimeZoneDatabase::bundled();
        for (rails, iana) in RAILS {
            assert!(database.get(iana).is_ok(), "{rails} stands for {iana}");
        }
    }

    #[test]
    fn every_rails_name_is_there_once() {
        for (at, (name, _)) in RAILS.iter().enumerate() {
            assert_eq!(RAILS.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)), Some(at), "{name}");
        }
    }

    #[test]
    fn a_zone_is_found_by_rails_name_and_by_ianas() {
        for (name, iana) in [
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("pacific time (us & canada)", "America/Los_Angeles"),
            ("America/Los_Angeles", "America/Los_Angeles"),
            ("America/Vancouver", "America/Vancouver"),
            ("Berlin", "Europe/Berlin"),
            ("Nuku'alofa", "Pacific/Tongatapu"),
            ("Kyev", "Europe/Kyiv"),
        ] {
            assert_eq!(zone(name).iana_name(), Some(iana), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_utc() {
        for name in ["", "Atlantis", "Europe/Atlantis", "Berlin ", "../UTC"] {
            assert_eq!(rails(name), None, "{name}");
            assert_eq!(zone(name), TimeZone::UTC, "{name}");
        }
    }

    #[test]
    fn the_api_gets_rails_name_for_every_way_to_write_a_zone() {
        for (name, expected) in [
            ("America/New_York", "Eastern Time (US & Canada)"),
            ("Europe/London", "London"),
            ("America/Lima", "Lima"),
            ("Europe/Kyiv", "Kyiv"),
            ("Asia/Almaty", "Almaty"),
            ("Etc/UTC", "UTC"),
            ("utc", "UTC"),
            ("london", "London"),
            ("europe/london", "London"),
            ("eastern time (us & canada)", "Eastern Time (US & Canada)"),
        ] {
            assert_eq!(rails(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn an_old_name_and_a_zone_that_rails_does_not_name_go_by_the_nearest() {
        for (name, expected) in [
            ("US/Pacific", "Pacific Time (US & Canada)"),
            ("US/Eastern", "Eastern Time (US & Canada)"),
            ("Asia/Calcutta", "Kolkata"),
            ("GB", "London"),
            ("America/Toronto", "Eastern Time (US & Canada)"),
            ("Europe/Oslo", "Copenhagen"),
            ("Asia/Ho_Chi_Minh", "Bangkok"),
            ("Africa/Lagos", "West Central Africa"),
        ] {
            assert_eq!(rails(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_zone_whose_clocks_are_like_no_other_has_no_name() {
        for name in ["Australia/Lord_Howe", "Australia/Eucla", "Pacific/Marquesas"] {
            assert_ne!(zone(name), TimeZone::UTC, "{name}");
            assert_eq!(rails(name), None, "{name}");
        }
    }
}

//! Users' time zones, under the names that the API has for them.
//!
//! The API names a zone as Rails does, `Pacific Time (US & Canada)`; IANA's names are taken too, and are what Rails'
//! stand for. Zones come from the database inside the program, so that they are the same on every machine.

use backpack_api::runtime::jiff::tz::{TimeZone, TimeZoneDatabase};

/// The time zone of a name, Rails' or IANA's, in any case of its letters; UTC if the name is not known.
pub(crate) fn zone(name: &str) -> TimeZone {
    find(name).unwrap_or(TimeZone::UTC)
}

/// Whether a time zone has this name, Rails' or IANA's.
pub(crate) fn known(name: &str) -> bool {
    find(name).is_some()
}

/// The name under which the API knows a time zone: Rails' if Rails has one for it, else the name itself.
///
/// Where Rails has several names, it is the one that IANA uses too: `London`, not `Edinburgh`.
pub(crate) fn rails_name(name: &str) -> &str {
    let mut names = RAILS.iter().filter(|(_, iana)| iana.eq_ignore_ascii_case(name)).map(|(rails, _)| *rails);
    let Some(first) = names.next() else { return name };
    let city = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
    if first.eq_ignore_ascii_case(&city) {
        return first;
    }
    names.find(|rails| rails.eq_ignore_ascii_case(&city)).unwrap_or(first)
}

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
            assert!(known(name), "{name}");
            assert_eq!(zone(name).iana_name(), Some(iana), "{name}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_is_utc() {
        for name in ["", "Atlantis", "Europe/Atlantis", "Berlin ", "../UTC"] {
            assert!(!known(name), "{name}");
            assert_eq!(zone(name), TimeZone::UTC, "{name}");
        }
    }

    #[test]
    fn the_api_gets_rails_name_where_there_is_one() {
        for (name, rails) in [
            ("America/New_York", "Eastern Time (US & Canada)"),
            ("Europe/London", "London"),
            ("America/Lima", "Lima"),
            ("Europe/Kyiv", "Kyiv"),
            ("Asia/Almaty", "Almaty"),
            ("Etc/UTC", "UTC"),
            ("UTC", "UTC"),
            ("Berlin", "Berlin"),
            ("America/Vancouver", "America/Vancouver"),
            ("Atlantis", "Atlantis"),
        ] {
            assert_eq!(rails_name(name), rails, "{name}");
        }
    }
}

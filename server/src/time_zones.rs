//! Users' time zones, by the names that the API uses.
//!
//! The API names time zones as Rails does: `Pacific Time (US & Canada)`. Each Rails name maps to an IANA name; IANA
//! names are accepted, too. The time zone database is compiled in, so that results do not depend on the machine.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::tz::{TimeZone, TimeZoneDatabase};

/// Returns the time zone with a Rails or IANA name, ignoring case; UTC if there is no such time zone.
pub(crate) fn zone_or_utc(name: &str) -> TimeZone {
    find_zone(name).unwrap_or(TimeZone::UTC)
}

/// Returns the Rails name of the time zone with a Rails or IANA name. `None` if there is no such time zone, or Rails
/// has no equivalent.
///
/// If Rails has several names for a time zone, the one with IANA's city is returned: `London`, not `Edinburgh`. For a
/// time zone without a Rails name, the name of its equivalent is returned: the Rails zone that has had the same clock
/// time for longest, and will keep it. `America/Toronto` and `US/Eastern` are `Eastern Time (US & Canada)`.
pub(crate) fn rails_name(name: &str) -> Option<&'static str> {
    if let Some((rails, _)) = RAILS.iter().find(|(rails, _)| rails.eq_ignore_ascii_case(name)) {
        return Some(rails);
    }
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    let listed = RAILS.iter().find(|(_, iana)| iana.eq_ignore_ascii_case(name));
    let (_, iana) = listed.or_else(|| find_equivalent(&zone))?;
    // Of the Rails names of this zone, the one that is IANA's city, or else the first.
    let city = iana.rsplit('/').next().unwrap_or(iana).replace('_', " ");
    let mut names = RAILS.iter().filter(|(_, other)| other == iana).map(|(rails, _)| *rails);
    let first = names.next()?;
    Some(std::iter::once(first).chain(names).find(|rails| rails.eq_ignore_ascii_case(&city)).unwrap_or(first))
}

/// Iterates over the time zones of the API: Rails name and IANA name of each.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    RAILS.iter().copied()
}

/// Finds the entry of [`RAILS`] that has had the same clock time as this zone for longest. `None` if no entry will have
/// the same clock time in future.
fn find_equivalent(zone: &TimeZone) -> Option<&'static (&'static str, &'static str)> {
    let candidates = RAILS.iter().map(|entry| (count_equal_weeks(zone, &zone_or_utc(entry.1)), entry));
    // Reversed, since of several maxima `max_by_key` returns the last: the first entry wins.
    let best = candidates.rev().max_by_key(|(weeks, _)| *weeks)?;
    (best.0 >= FUTURE_WEEKS).then_some(best.1)
}

/// Counts the weeks, backwards from [`LAST_SATURDAY`], in which two time zones have the same clock time, up to a
/// century.
fn count_equal_weeks(one: &TimeZone, other: &TimeZone) -> usize {
    let is_equal = |weeks: &i64| {
        let at = Timestamp::constant(LAST_SATURDAY - weeks * 7 * 24 * 3600, 0);
        one.to_offset(at) == other.to_offset(at)
    };
    (0..5200).take_while(is_equal).count()
}

/// 26 December 2037, noon UTC. A Saturday, since clocks change on Sundays in many time zones, and on Fridays in some.
const LAST_SATURDAY: i64 = 2_145_441_600;

/// Number of weeks from the beginning of 2027 to [`LAST_SATURDAY`].
const FUTURE_WEEKS: usize = 573;

/// Finds the time zone with a Rails or IANA name, ignoring case; `None` if there is none.
fn find_zone(name: &str) -> Option<TimeZone> {
    let iana = RAILS.iter().find(|(rails, _)| rails.eq_ignore_ascii_case(name)).map_or(name, |(_, iana)| iana);
    TimeZoneDatabase::bundled().get(iana).ok()
}

/// Rails and IANA names, as in `MAPPING` of ActiveSupport's `values/time_zone.rb`. Time zones that IANA has renamed
/// have their current names.
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
    // Spelling of older versions of Rails.
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
    fn every_rails_name_maps_to_a_zone_of_the_database() {
        let database = TimeZoneDatabase::bundled();
        for (rails, iana) in RAILS {
            assert!(database.get(iana).is_ok(), "{rails} maps to {iana}");
        }
    }

    #[test]
    fn rails_names_are_unique() {
        for (at, (name, _)) in RAILS.iter().enumerate() {
            assert_eq!(RAILS.iter().position(|(other, _)| other.eq_ignore_ascii_case(name)), Some(at), "{name}");
        }
    }

    #[test]
    fn finds_zones_by_names_of_rails_and_iana() {
        for (name, iana) in [
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("pacific time (us & canada)", "America/Los_Angeles"),
            ("America/Los_Angeles", "America/Los_Angeles"),
            ("America/Vancouver", "America/Vancouver"),
            ("Berlin", "Europe/Berlin"),
            ("Nuku'alofa", "Pacific/Tongatapu"),
            ("Kyev", "Europe/Kyiv"),
        ] {
            assert_eq!(zone_or_utc(name).iana_name(), Some(iana), "{name}");
        }
    }

    #[test]
    fn unknown_names_are_utc_and_have_no_rails_name() {
        for name in ["", "Atlantis", "Europe/Atlantis", "Berlin ", "../UTC"] {
            assert_eq!(rails_name(name), None, "{name}");
            assert_eq!(zone_or_utc(name), TimeZone::UTC, "{name}");
        }
    }

    #[test]
    fn maps_every_spelling_to_a_rails_name() {
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
            assert_eq!(rails_name(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn maps_old_and_unlisted_names_to_the_equivalent_zone() {
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
            assert_eq!(rails_name(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_zone_without_an_equivalent_has_no_rails_name() {
        for name in ["Australia/Lord_Howe", "Australia/Eucla", "Pacific/Marquesas"] {
            assert_ne!(zone_or_utc(name), TimeZone::UTC, "{name}");
            assert_eq!(rails_name(name), None, "{name}");
        }
    }
}

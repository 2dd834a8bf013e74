/// A day of the Gregorian calendar, also before its introduction (RFC 3339 reckons so).
///
/// Years are counted from March here, so that the leap day is a year's last, and in cycles of 400 years, each of 146,097 days.
struct CivilDate: Hashable {
    let year: Int
    let month: Int
    let day: Int

    /// Days in 400 years, and from 0000-03-01 to 1970-01-01.
    private static let cycle = 146_097
    private static let epoch = 719_468

    /// - Returns: nil for a day that the calendar does not have.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch days: Int) {
        let (cycles, dayOfCycle) = (days + Self.epoch).dividedDown(by: Self.cycle)
        // Without the leap days that came before, every year has 365 days.
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, months repeat a pattern of 153 days in five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycles * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int {
        let (cycles, yearOfCycle) = (month <= 2 ? year - 1 : year).dividedDown(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfCycle = 365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycles * Self.cycle + dayOfCycle - Self.epoch
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int {
    /// Division that rounds down, with a remainder from zero on.
    func dividedDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

import Foundation
import Testing

@testable import PromotionDomain

/// The time zones of the machine that runs the tests.
enum InstalledTimeZones {
    static let folder = "/usr/share/zoneinfo"

    static func rules(_ name: String) throws -> TimeZoneRules {
        try TimeZoneRules(tzif: Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
    }

    static func zone(_ text: String) throws -> LocalTimeZone {
        let name = try #require(TimeZoneName(text))
        return LocalTimeZone(name, rules: text == "UTC" ? nil : try rules(text))
    }
}

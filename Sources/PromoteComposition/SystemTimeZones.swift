import Foundation
import GitOpsTypes
import PromotionDomain

/// The machine's time zone database, as the package tzdata installs it.
///
/// Source: tzfile(5), `TZDIR`.
struct SystemTimeZones: TimeZoneDatabase {
    private let folder: String

    /// More than any zone's file has.
    private static let maximumSize = 1 << 20

    init(environment: [String: String]) {
        folder = environment["TZDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/share/zoneinfo"
    }

    var place: String { folder.displayable }

    /// The first line of `tzdata.zi` is `# version 2026b`; some systems have a file `+VERSION`.
    var version: String? {
        if let bytes = read("tzdata.zi", limit: nil) {
            let words = String(decoding: bytes.prefix(64), as: UTF8.self).split(separator: "\n").first?.split(separator: " ")
            if let words, words.count >= 3, words[0] == "#", words[1] == "version" { return String(words[2]).displayable }
        }
        return read("+VERSION", limit: 64).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).displayable
        }
    }

    func rules(of name: TimeZoneName) -> TimeZoneAnswer {
        guard let bytes = read(name.text, limit: Self.maximumSize) else { return isThere ? .unknown : .noDatabase }
        do {
            return .found(try TimeZoneRules(tzif: bytes))
        } catch {
            return .damaged(error.reason)
        }
    }

    /// The zone with such a city, or the one that is spelt nearly so.
    func suggestion(for text: String) -> String? {
        let names = names()
        let city = text.lowercased().replacing(" ", with: "_")
        return names.first { $0.lowercased() == city }
            ?? names.first { $0.lowercased().hasSuffix("/" + city) } ?? closestMatch(to: text, among: names)
    }

    private var isThere: Bool {
        ["tzdata.zi", "Etc/UTC", "UTC"].contains { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    }

    private func names() -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder) else { return [] }
        return walker.compactMap { $0 as? String }.filter { $0.contains("/") && TimeZoneName($0) != nil }.sorted()
    }

    /// Nil for what is no file, or larger than `limit`.
    private func read(_ name: String, limit: Int?) -> [UInt8]? {
        let path = "\(folder)/\(name)"
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            let data = FileManager.default.contents(atPath: path), data.count <= limit ?? .max
        else { return nil }
        return Array(data)
    }
}

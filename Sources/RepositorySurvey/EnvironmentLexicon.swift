import PromotionDomain

/// Which words name environments, and how near to production they are.
struct EnvironmentLexicon: Hashable, Sendable {
    /// Names that a person gave, in their order; where there are any, no other word counts.
    let given: [EnvironmentName]

    init(given: [EnvironmentName] = []) { self.given = given }

    /// How near to production an environment is; those of one rank are side by side.
    struct Rank: Hashable, Comparable, Sendable {
        let value: Int

        static let production = Rank(value: 90)
        /// Of names that no word of the lexicon is in.
        static let unknown = Rank(value: 65)

        static func < (left: Rank, right: Rank) -> Bool { left.value < right.value }
    }

    private static let words: [String: Int] = [
        "sandbox": 5, "sbx": 5, "dev": 10, "devel": 10, "develop": 10, "development": 10, "int": 20, "integ": 20,
        "integration": 20, "test": 30, "testing": 30, "tst": 30, "sit": 30, "qa": 40, "qe": 40, "quality": 40, "nonprod": 45,
        "uat": 50, "acc": 50, "accept": 50, "acceptance": 50, "perf": 55, "load": 55, "stage": 60, "staging": 60, "stg": 60,
        "stag": 60,
        "pre": 70, "preprod": 70, "preprd": 70, "preproduction": 70, "prod": 90, "prd": 90, "production": 90, "live": 90,
    ]

    /// The rank of a word, with digits behind it or without: `dev`, `qa2`.
    func rank(ofWord word: some StringProtocol) -> Rank? {
        let bare = word.lowercased().prefix { !$0.isNumber }
        guard word.dropFirst(bare.count).allSatisfy(\.isNumber) else { return nil }
        return Self.words[String(bare)].map(Rank.init)
    }

    /// The rank of an environment: that which a person gave it, else that of the word in its name.
    func rank(of environment: EnvironmentName) -> Rank {
        if let place = given.firstIndex(of: environment) { return Rank(value: 100 * (place + 1)) }
        return EnvironmentMark(environment.text, in: self)?.rank ?? .unknown
    }

    /// Whether an environment is one that people use: the word in its name says so, or it is the last of those given.
    func isProduction(_ environment: EnvironmentName) -> Bool {
        if !given.isEmpty, given.last == environment { return true }
        return EnvironmentMark(environment.text, in: EnvironmentLexicon())?.rank == .production
    }

    private static let regions: Set<String> = [
        "eu", "us", "usa", "uk", "de", "fr", "ie", "nl", "ap", "asia", "apac", "emea", "latam", "sa", "af", "me", "ca", "cn",
        "jp", "in", "au", "br", "sg", "gb", "east", "west", "north", "south", "central", "northeast", "northwest", "southeast",
        "southwest", "europe", "northamerica", "southamerica", "america", "oceania", "global", "primary", "secondary", "blue",
        "green", "a", "b", "c", "gcp", "aws", "azure", "onprem", "canary",
    ]

    /// Whether a part of a name tells environments of one rank apart: a region, a colour, a number.
    static func isRegion(_ word: some StringProtocol) -> Bool {
        let bare = word.lowercased().prefix { !$0.isNumber }
        guard word.dropFirst(bare.count).count <= 3, word.dropFirst(bare.count).allSatisfy(\.isNumber) else { return false }
        return bare.isEmpty || regions.contains(String(bare))
    }
}

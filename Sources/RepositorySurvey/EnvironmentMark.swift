import PromotionDomain

/// The environment in a name of a path, and what stands around it: `values-`, `prod-eu`, `.yaml`.
struct EnvironmentMark: Hashable {
    let prefix: String
    let environment: EnvironmentName
    let suffix: String
    let rank: EnvironmentLexicon.Rank

    /// Reads a name beside no others.
    init?(_ name: String, in lexicon: EnvironmentLexicon) { self.init(name, among: SiblingNames([], lexicon), in: lexicon) }

    /// - Parameter siblings: the names in the same folder. What stands behind the word of several of them belongs to none of their
    ///   environments: `dev-postgres` beside `prod-postgres`.
    init?(_ name: String, among siblings: SiblingNames, in lexicon: EnvironmentLexicon) {
        if lexicon.given.isEmpty {
            self.init(word: Words(name), among: siblings, in: lexicon)
        } else {
            self.init(name, givenIn: lexicon)
        }
    }

    /// Names that a person gave stand alone between separators; the longest counts.
    private init?(_ name: String, givenIn lexicon: EnvironmentLexicon) {
        let words = Words(name)
        let found = lexicon.given.sorted { $0.text.utf8.count > $1.text.utf8.count }.lazy.compactMap { environment in
            words.range(of: environment.text).map { (environment, $0) }
        }.first
        guard let (environment, range) = found else { return nil }
        self.environment = environment
        prefix = String(name[..<range.lowerBound])
        suffix = String(name[range.upperBound...])
        rank = lexicon.rank(of: environment)
    }

    private init?(word words: Words, among siblings: SiblingNames, in lexicon: EnvironmentLexicon) {
        guard let found = words.environment(in: lexicon) else { return nil }
        var (first, last) = (found.range.lowerBound, found.range.upperBound)
        while first > 0, words.isJoined(first - 1), EnvironmentLexicon.isRegion(words.texts[first - 1]) { first -= 1 }
        // Regions behind it are part of its name, and so is anything else that others do not have, too.
        while last + 1 < words.texts.count, words.isJoined(last), EnvironmentLexicon.isRegion(words.texts[last + 1]) { last += 1 }
        let end = words.endOfJoined(from: last)
        if end > last, !words.hasNoise(last + 1...end),
            !siblings.share(words.text(last + 1...end), after: words.text(found.range), of: found.rank)
        {
            last = end
        }
        guard let name = EnvironmentName(words.text(first...last)) else { return nil }
        environment = name
        prefix = words.before(first)
        suffix = words.after(last)
        rank = found.rank
    }
}

/// What the names in one folder have behind the words of their environments.
struct SiblingNames {
    /// Which environments have a text behind their word.
    private var ranks: [String: Set<EnvironmentLexicon.Rank>] = [:]
    /// The words that stand alone, or with regions behind them.
    private var bare: Set<String> = []

    init(_ names: [String], _ lexicon: EnvironmentLexicon) {
        for words in names.map(Words.init) {
            guard let word = words.environment(in: lexicon) else { continue }
            ranks[words.rest(behind: word.range), default: []].insert(word.rank)
            if words.isRegional(behind: word.range) { bare.insert(words.text(word.range)) }
        }
    }

    /// Whether names with other words end the same way, so that it is no part of an environment: where none of them ends with its
    /// word, or with a region, or where the same word stands alone, too.
    fileprivate func share(_ rest: String, after word: String, of rank: EnvironmentLexicon.Rank) -> Bool {
        guard let ranks = ranks[rest], ranks.contains(where: { $0 != rank }) else { return false }
        return bare.isEmpty || bare.contains(word)
    }
}

/// A name, taken apart at dashes, underscores and dots.
private struct Words {
    let name: String
    let texts: [Substring]

    init(_ name: String) {
        self.name = name
        texts = name.split(omittingEmptySubsequences: true) { "-_.".contains($0) }
    }

    private static let noise: Set<String> = [
        "values", "value", "config", "cfg", "conf", "env", "environment", "cluster", "overlay", "overlays", "patch", "namespace",
        "deployment", "deploy", "app", "apps", "application", "applications", "override", "overrides", "appset", "kustomization",
        "secrets", "vars", "yaml", "yml", "json",
    ]

    func hasNoise(_ range: ClosedRange<Int>) -> Bool { texts[range].contains { Self.noise.contains($0.lowercased()) } }

    /// The word that names an environment, the last one where there are several; two words where they are one: `pre-prod`.
    func environment(in lexicon: EnvironmentLexicon) -> (range: ClosedRange<Int>, rank: EnvironmentLexicon.Rank)? {
        for index in texts.indices.reversed() {
            guard let rank = lexicon.rank(ofWord: texts[index]) else { continue }
            if index > 0, ["pre", "non"].contains(texts[index - 1].lowercased()), isJoined(index - 1),
                let joined = lexicon.rank(ofWord: texts[index - 1].lowercased() + texts[index].lowercased())
            {
                return (index - 1...index, joined)
            }
            return (index...index, rank)
        }
        return nil
    }

    /// Whether a dash stands behind a word, which keeps it together with the next.
    func isJoined(_ index: Int) -> Bool {
        texts.indices.contains(index + 1) && name[texts[index].endIndex..<texts[index + 1].startIndex] == "-"
    }

    func endOfJoined(from index: Int) -> Int {
        var end = index
        while isJoined(end) { end += 1 }
        return end
    }

    func text(_ range: ClosedRange<Int>) -> String {
        String(name[texts[range.lowerBound].startIndex..<texts[range.upperBound].endIndex])
    }

    func before(_ index: Int) -> String { String(name[..<texts[index].startIndex]) }
    func after(_ index: Int) -> String { String(name[texts[index].endIndex...]) }

    /// Where a text stands between separators, or the ends.
    func range(of text: String) -> Range<String.Index>? {
        for (index, word) in texts.enumerated() where name[word.startIndex...].hasPrefix(text) {
            for end in index..<texts.count where texts[end].endIndex == name.index(word.startIndex, offsetBy: text.count) {
                return word.startIndex..<texts[end].endIndex
            }
        }
        return nil
    }

    /// What dashes join to a word.
    func rest(behind range: ClosedRange<Int>) -> String {
        let end = endOfJoined(from: range.upperBound)
        return end > range.upperBound ? text(range.upperBound + 1...end) : ""
    }

    /// Whether nothing is joined to a word but regions.
    func isRegional(behind range: ClosedRange<Int>) -> Bool {
        rest(behind: range).split(separator: "-").allSatisfy { EnvironmentLexicon.isRegion($0) }
    }
}

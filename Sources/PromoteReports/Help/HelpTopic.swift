/// A page of help that is of no command: `promote help rules`.
public struct HelpTopic: Sendable {
    /// What it is asked for by.
    public let name: String
    /// In a line.
    let abstract: String
    /// For people, ended by a line break.
    public let text: String

    /// The page of that name; nil where there is none.
    public init?(named name: String) {
        let pages = Self.pages + Self.rules
        // Gates have names of their own.
        let name = name.hasPrefix("gate/") ? "gate/<name>" : name
        guard let topic = pages.first(where: { $0.name == name }) else { return nil }
        self = topic
    }

    /// The names of all pages, those of the rules among them.
    public static var names: [String] { (pages + rules).map(\.name) }

    private init(_ name: String, _ abstract: String, _ text: String) {
        self.name = name
        self.abstract = abstract
        self.text = text
    }

    private static let rules = RuleHelp.all.map { HelpTopic($0.name, $0.asks, $0.text) }

    private static let pages = [topics, ruleList, exitStatuses, namesPage, variables]

    private static let topics: HelpTopic = {
        var table = TextTable()
        for page in [ruleList, exitStatuses, namesPage, variables] { table.add([page.name, page.abstract]) }
        table.add(["<rule>", "one rule: what it asks, when it fails, who can clear it"])
        table.add(["<command>", "a command and its options"])
        return HelpTopic(
            "topics", "what there is help on",
            (table.lines(indentation: "  ") + ["", "next: promote help <topic>"]).joined(separator: "\n") + "\n")
    }()

    private static let ruleList: HelpTopic = {
        var table = TextTable()
        for rule in RuleHelp.all { table.add([rule.name, rule.isBypassable ? "†" : "", firstWords(of: rule.asks)]) }
        let lines =
            ["Every check and every refusal names its rule. † An emergency passes it.", ""] + table.lines(indentation: "  ")
            + ["", "next: promote help <rule>"]
        return HelpTopic("rules", "every rule in a line", lines.joined(separator: "\n") + "\n")
    }()

    /// What fits beside a name on a terminal.
    private static func firstWords(of text: String) -> String {
        let limit = 50
        guard text.count > limit else { return text }
        var words = ""
        for word in text.split(separator: " ") {
            guard words.count + word.count + 2 <= limit else { break }
            words += words.isEmpty ? String(word) : " \(word)"
        }
        while let last = words.last, ",;:".contains(last) { words.removeLast() }
        return words + " …"
    }

    private static let exitStatuses = HelpTopic(
        "exit-status", "what the exit status says",
        """
          0   done, or nothing to do
          2   differences were found, by the commands that say so
          64  usage: the command line, or a name that does not exist
          65  bad input: manifests, configuration, set-up
          69  Git's remote, the forge or a registry is unavailable
          70  a defect of promote
          75  pending, or another writer was faster: the same command works later
          77  refused by a rule, not authorized, or a ledger that was tampered with

        With --json an error is one object: {"error": {"code", "rule", "message", "hint", "checks"}}.

        next: promote help rules

        """)

    private static let namesPage = HelpTopic(
        "names", "how releases, promotions and commits are named",
        """
          web-3               a promotion; where there is one application, its number is enough
          web-1a2b3c4d5e6f    a release; four or more of its digits are enough, as in 1a2b or web-1a2b
          1.4.2               the release with that tag, or of that version, where no other has it
          build               where releases come from, before the first environment
          <commit>            digits of a commit, at least seven; a branch is refs/heads/<branch>

        next: promote releases

        """)

    private static let variables = HelpTopic(
        "variables", "variables of the environment that promote reads",
        """
          PROMOTE_ACTOR             who acts, instead of Git's user.email
          PROMOTE_RUN_GATES=1       as --run-gates, for CI
          PROMOTE_FETCH_BASES=1     as --fetch-bases, for CI
          PROMOTE_TOKEN             the forge's token; or PROMOTE_GITHUB_APP_ID and
                                    PROMOTE_GITHUB_APP_KEY (a file), or what
                                    Git's credential helpers say
          PROMOTE_CA_FILE           certificates that are trusted, too (PEM)
          PROMOTE_HTTP_TIMEOUT      seconds that an answer may take (30)
          HTTPS_PROXY, NO_PROXY     proxies
          NO_COLOR                  any text: no colour
          TZDIR                     where the time zone database is

        Tokens are taken out of the environment at start, and no program that promote starts
        inherits them.

        next: promote doctor

        """)
}

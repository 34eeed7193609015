public import PromotionDomain

extension Answer {
    /// `promote hook install`
    ///
    /// - Parameter isNew: false where it was installed already.
    public init(hook path: String, isNew: Bool) {
        self.init(
            json: HookAnswer(hook: path, created: isNew),
            text: (isNew ? "Installed \(path)" : "Nothing to do: \(path) is installed already")
                + "\n\nFrom now on every push is judged, by the policy of the branch that it goes to.\n")
    }

    /// `promote state rebuild`
    ///
    /// - Parameter ledgers: how many events each application has.
    public init(rebuilt ledgers: [(application: ApplicationName, events: Int)]) {
        var table = TextTable()
        for (application, events) in ledgers { table.add(["", application.text, "\(events) events"]) }
        self.init(
            json: StateAnswer(applications: ledgers.map { .init(name: $0.application, events: $0.events) }),
            text: (["Read again:"] + table.lines()).joined(separator: "\n") + "\n")
    }
}

import PromotionDomain

/// One application in a snapshot, with what its ledger says.
struct ApplicationView: Sendable {
    let application: Application
    let state: ApplicationState
    let snapshot: Snapshot

    init(_ application: Application, _ state: ApplicationState, _ snapshot: Snapshot) {
        self.application = application
        self.state = state
        self.snapshot = snapshot
    }

    var name: ApplicationName { application.name }
}

import GitOpsTypes
import PromotionDomain

extension Event {
    /// The commit message of the event: its summary, and what it is about as trailers.
    ///
    /// - Parameter state: what the ledger says up to and with the event.
    func message(of application: ApplicationName, state: ApplicationState) -> String {
        let subject = payload.subject
        let promotion = subject.promotion.flatMap(state.promotion)
        var trailers: [String] = []
        if let number = subject.promotion { trailers.append("Promotion: \(PromotionID(application, number))") }
        if let release = subject.release ?? promotion?.release { trailers.append("Release: \(release)") }
        if let environment = subject.environment ?? promotion?.environment { trailers.append("Environment: \(environment)") }
        return summary(of: application).displayable + "\n\n" + trailers.map { $0 + "\n" }.joined()
    }
}

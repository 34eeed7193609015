import GitOpsTypes
import PromotionDomain

extension Session {
    /// What the actor says in an application's ledger, as an event of now.
    ///
    /// - Parameter last: the time of the event before it, which it is never older than, whatever this machine's clock says.
    func event(
        _ payload: Event.Payload, of application: ApplicationName, after last: Timestamp? = nil, _ snapshot: Snapshot
    ) -> Event {
        let time = max(snapshot.time, last ?? snapshot.time)
        return Event(
            id: workspace.identifiers.eventID(at: time), time: time, actor: snapshot.actor.principal,
            policyCommit: snapshot.tip, application: application, payload: payload)
    }

    /// Those of `events` that the actor may record: the rest is left for an attestor.
    func recordable(_ events: [Event.Payload], _ snapshot: Snapshot, _ state: ApplicationState) -> [Event.Payload] {
        var state = state
        var accepted: [Event.Payload] = []
        for payload in events {
            let event = event(payload, of: state.application, snapshot)
            do throws(Refusal) {
                try EventAdmission(state: state, policy: snapshot.policy, freezes: snapshot.freezes).admit(
                    event, by: snapshot.actor)
                state.apply(event, key: snapshot.actor.keyFingerprint)
                accepted.append(payload)
            } catch {
                // Left for an attestor.
                continue
            }
        }
        return accepted
    }
}

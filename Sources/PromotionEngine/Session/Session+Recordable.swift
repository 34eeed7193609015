import PromotionDomain

extension Session {
    /// Those of `events` that the actor may record: the rest is left for an attestor.
    func recordable(
        _ events: [Event.Payload], _ snapshot: Snapshot, _ state: ApplicationState
    ) -> [Event.Payload] {
        var state = state
        var accepted: [Event.Payload] = []
        for payload in events {
            let event = Event(
                id: workspace.identifiers.eventID(at: snapshot.time), time: snapshot.time,
                actor: snapshot.actor.principal,
                policyCommit: snapshot.tip, application: state.application,
                payload: payload)
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

import GitOpsTypes

// What builders say of releases.
extension EventAdmission {
    /// A release is registered once, and again where the key that signed for it counts no more.
    func admit(
        _ payload: Event.ReleaseRegistered, _ application: Application, _ authorization: Authorization, at time: Timestamp
    ) throws(Refusal) {
        let keys = isStrict ? KeyStanding(policy: policy, time: time, revocations: [:]) : nil
        try require(authorization, application.builders, "builders of \(application.name)")
        guard ReleaseID(application.name, images: payload.images) == payload.release else {
            throw Refusal(.builtOnce, "\(payload.release) is not the id of these digests")
        }
        if let known = state.release(payload.release), keys?.problem(known.key, of: known.registeredBy) == nil {
            throw Refusal(.builtOnce, "\(payload.release) is registered already")
        }
        if isStrict, !authorization.isProven, let environment = policy.environments.first(where: \.excludesBuilder) {
            throw Refusal(
                .authorized,
                "\(environment.name) does not count the builder's approval, and nothing proves who registers \(payload.release): "
                    + "a registration is signed with a key that allowed_signers lists for the builder",
                hint: Self.keySetUp)
        }
        let names = payload.images.map(\.name)
        guard Set(names) == Set(application.images), names.count == application.images.count else {
            let expected = application.images.map(\.text).joined(separator: ", ")
            throw Refusal(.builtOnce, "a release of \(application.name) has exactly one digest for each of: \(expected)")
        }
        if let (release, image) = BuiltOnceGate.rebuilt(payload.images, payload.build, in: state, keys),
            let commit = payload.build.commit
        {
            throw Refusal(
                .builtOnce,
                "\(image.name) was already built from commit \(commit), as \(image.digest) (\(release.id)); "
                    + "this is another digest, so the artifact was rebuilt",
                hint: "promote what was built first: \(release.id); a new build needs a new commit")
        }
    }
}

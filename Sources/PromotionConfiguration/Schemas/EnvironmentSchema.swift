import PromotionDomain

extension SchemaNode {
    static let environment: SchemaNode = .object(
        "A place where applications run, and what is asked before something gets there.",
        [
            (
                "promotesFrom",
                .texts("Where releases come from: [build], or environments.", of: "build, or an environment.", atLeast: 1)
            ),
            ("require", .choice("Whether a release has to be verified in all of them, or in any.", ["all", "any"])),
            (
                "delivery",
                .object(
                    "How the desired state is kept.",
                    [
                        ("mode", .choice("overlay: in the application's own files.", ["overlay", "rendered"])),
                        ("branch", .string("The branch; by default the target branch.")),
                    ])
            ),
            ("soak", .duration("How long a release is verified upstream before it moves on: 90s, 30m, 2h, 1d.")),
            ("approvals", approvals("Whose consent a promotion needs.")),
            ("promoters", .people("Who may ask for promotions; without it, everyone who can push.")),
            ("mergers", .people("Who may merge; without it, the promoters.")),
            ("operators", .people("Who may hold, freeze, roll back, yank and accept; without it, the promoters.")),
            ("verifiers", .people("Who may say whether a release works there; without it, everyone who can push.")),
            (
                "rollback",
                .object("What a rollback asks.", [("approvals", approvals("Without it, those of promotions."))])
            ),
            ("windows", .list("When it may change, and when not.", of: window)),
            ("gates", .list("Judges besides promote's own rules.", of: gate)),
            ("autoPromote", .bool("Whether reconcile promotes what is verified upstream.")),
            ("provenance", .bool("Whether a release needs proof of where it is from.")),
            ("merge", .choice("auto: reconcile merges what passes every check.", ["manual", "auto"])),
            ("emergency", .people("Who may pass over what only delays, with a reason.")),
            (
                "unrendered",
                .choice("Whether objects that the cluster renders are let in.", UnrenderedPolicy.allCases.map(\.rawValue))
            ),
        ], required: ["promotesFrom"])

    private static func approvals(_ description: String) -> SchemaNode {
        .object(
            description,
            [
                ("required", .integer("How many people.", in: 0...100)), ("from", .people("Whose approvals count.")),
                (
                    "fourEyes",
                    .list(
                        "Who does not count, though listed; by default the requester.",
                        of: .choice("A part in the change.", ApprovalPolicy.FourEyes.allCases.map(\.rawValue)))
                ),
                ("include", .texts("Who must be among those who approve.", of: "A principal.")),
                ("expires", .duration("After how long an approval counts no more.")),
            ], required: ["required"])
    }

    private static let window: SchemaNode = .object(
        "A time that comes again: allow, or exclude, which wins.", [("allow", period), ("exclude", period)])

    private static let period: SchemaNode = .object(
        "From when, and for how long.",
        [
            ("cron", .string("When it begins: minute, hour, day, month, weekday.")),
            ("duration", .duration("How long it lasts.")),
            ("timeZone", .string("A zone of the IANA database; UTC without it.")), ("reason", .string("What people are told.")),
        ], required: ["cron", "duration"])

    private static let gate: SchemaNode = .object(
        "A program, a service or a status of the forge that has to let a promotion through.",
        [
            ("name", .string("Its rule is gate/<name>.")),
            (
                "command",
                .texts("A program and its arguments, no shell; manifests come on standard input.", of: "A word.", atLeast: 1)
            ),
            ("files", .texts("What the program gets of the repository.", of: "A path from the root.")),
            ("url", .string("A service that is sent the manifests.")),
            ("status", .string("A status of the merge's head on the forge.")),
            ("timeout", .duration("How long it may take.")),
        ], required: ["name"])
}

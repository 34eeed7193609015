public import GitOpsTypes

/// A remote base that is in the clone from now on.
struct BaseAnswer: Encodable, Sendable {
    let repository: String
    @Text var commit: CommitID

    enum CodingKeys: String, CodingKey {
        case repository
        case commit
    }

    init(_ base: PinnedRepository) {
        repository = base.address.displayable
        commit = base.commit
    }
}

extension Answer {
    /// `promote fetch-base`
    public init(fetched base: PinnedRepository) {
        self.init(
            json: BaseAnswer(base),
            text:
                "\(base.address.displayable) at \(base.commit) is in this clone, and is built on without a network from now on\n")
    }
}

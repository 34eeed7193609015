/// An event as its text has it.
struct InspectedEvent: Decodable {
    struct Payload: Decodable {
        struct Content: Decodable {
            let branch: String
            let head: String
        }
        struct Image: Decodable {
            let name: String
            let digest: String
        }
        struct Found: Decodable {
            struct Image: Decodable {
                let digest: String?
            }
            let images: [Image]?
        }
        struct Build: Decodable {
            let commit: String?
        }
        let promotion: Int?
        let environment: String?
        let from: String?
        let release: String?
        let content: Content?
        let head: String?
        let commit: String?
        let detail: String?
        let by: Int?
        let result: String?
        let images: [Image]?
        let build: Build?
        let found: Found?
    }
    let id: String
    let type: String
    let time: String
    let actor: String
    let payload: Payload
}

/// A promotion as its events tell it.
struct InspectedPromotion {
    let number: Int
    let environment: String
    let release: String
    let branch: String
    let head: String
    let requester: String
    let isRollback: Bool
    var hasPullRequest = false
    var isOpen = true
    /// The number of the promotion that took its place.
    var successor: Int?
    var approvals: [String] = []
    var rejections: [String] = []
}

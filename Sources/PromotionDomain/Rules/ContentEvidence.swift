/// What Git's trees say about a promotion: the part of the evidence that is not in the ledger.
public struct ContentEvidence: Sendable {
    /// Every image of the application in the rendered environment; nil where there is nothing that may be rendered.
    public var images: [ImageOccurrence]?
    public var scope: Scope
    public var merge: MergeEvidence
    /// What the rendered environment has of objects that are not rendered here.
    public var unrendered: [UnrenderedObject] = []
    /// Which program renders it here, where that is another than the promotion was rendered by.
    public var otherRenderer: OtherRenderer?
    /// What external gates said, by their names; what is missing was not asked.
    public var verdicts: [String: ExternalVerdict] = [:]
    /// Whether where the images are from is proven; nil where that was not asked.
    public var provenance: ExternalVerdict?

    public enum Scope: Hashable, Sendable {
        /// The promotion changes what the plan says and nothing else.
        case exact(paths: [String])
        /// It changes something else; a sentence says what.
        case violated(String)
    }

    public enum MergeEvidence: Hashable, Sendable {
        /// Merged now, the environment renders to what was proposed.
        case rendersAsProposed
        /// The target branch moved so that the merge would render something else.
        case rendersDifferently
        case conflict(paths: [String])
        /// The overlay cannot be rendered; a sentence says why.
        case doesNotRender(String)
    }

    /// Two programs, or two versions of one.
    public struct OtherRenderer: Hashable, Sendable {
        /// What the promotion was planned with.
        public let planned: String
        /// What renders it here.
        public let here: String

        /// Nil where there is one program.
        public init?(planned: String?, here: String?) {
            guard planned != here else { return nil }
            self.planned = planned ?? "promote"
            self.here = here ?? "promote"
        }
    }

    public init(images: [ImageOccurrence]?, scope: Scope, merge: MergeEvidence) {
        self.images = images
        self.scope = scope
        self.merge = merge
    }
}

import PromotionModel

/// What a comment behind a value says that the value is: `# {"$promote": "web:digest"}`, or Flux's
/// `# {"$imagepolicy": "flux-system:web:tag"}`.
///
/// Source: Flux, "Configure image update for custom resources"; without a field, the value is the whole reference.
enum SetterMarker {
    static let tokens = ["\"$promote\"", "\"$imagepolicy\""]

    /// What the value in front of a comment is; nil for a comment that is no marker, or that of somebody else's image.
    static func field(_ comment: some StringProtocol, of application: Application) -> ImageField? {
        // Comments that are no markers are left alone.
        let form = /\{\s*"\$(promote|imagepolicy)"\s*:\s*"([^"\\]+)"\s*\}/
        guard let match = String(comment).wholeMatch(of: form) else { return nil }
        if match.output.1 == "promote" {
            return ImageField(match.output.2, of: application.name, images: application.images)
        }
        return ImageField(ofPolicy: match.output.2, of: application)
    }
}

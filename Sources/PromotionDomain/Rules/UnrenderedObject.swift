import GitOpsTypes

/// An object of which a controller makes others in the cluster that are not among what is rendered here.
public struct UnrenderedObject: Hashable, Sendable {
    /// `HelmRelease storefront-prod/redis`
    public let object: String
    /// Where what it makes comes from, as it goes on after “from”: `chart redis 19.0.1 of HelmRepository bitnami`.
    public let origin: String

    public init(object: String, origin: String) {
        self.object = object
        self.origin = origin
    }

    /// Both, bounded for display.
    public var description: String {
        "\(object.displayable) (from \(String(origin.prefix(200)).displayable))"
    }
}

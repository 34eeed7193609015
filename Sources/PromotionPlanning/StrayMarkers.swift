import GitOpsTypes
public import PromotionDomain
import YAMLEditing

/// Markers of promote's own that no application's value is promoted by: a slip of the pen, which would leave a value behind.
///
/// Flux's markers of other images are left alone: Flux, or another automation, may have them.
extension PromotionPlanner {
    /// What is wrong with the markers in the files of an environment.
    ///
    /// - Parameter applications: all of the policy; a marker of any of them is none that is stray.
    /// - Throws: `PlanningError`, `RenderingError`, or what the files throw.
    public func strayMarkers(
        of application: Application, in environment: EnvironmentName, among applications: [Application]
    ) throws -> [PlanningError] {
        let manifests = try manifests(of: application, in: environment)
        return try markable(of: application, in: environment, manifests).flatMap { path, bytes in
            guard SetterMarker.mayStand(in: bytes[...]) else { return [PlanningError]() }
            return try FileMarkers(bytes, path: path).places.compactMap { place in
                Self.problem(with: place.marker, among: applications).map { message, hint in
                    PlanningError(message, in: path, at: SourcePosition(line: place.line, column: 1), hint: hint)
                }
            }
        }
    }

    private static func problem(
        with marker: SetterMarker, among applications: [Application]
    ) -> (message: String, hint: String)? {
        switch marker {
        case .imagePolicy: return nil
        case .malformed:
            return (
                "this is no marker, though it looks like one", "write nothing but {\"$promote\": \"<image>:tag\"} in the comment"
            )
        case .promote(let text):
            guard applications.allSatisfy({ marker.field(of: $0) == nil }) else { return nil }
            if let colon = text.lastIndex(of: ":"), isKnown(String(text[..<colon]), among: applications) {
                let part = text[text.index(after: colon)...]
                return (
                    "the marker names “\(String(part).displayable)” of \(String(text[..<colon]).displayable), which is no part of a reference",
                    "write name, tag or digest, or no part at all"
                )
            }
            let known = applications.flatMap {
                [$0.name.text] + $0.images.map { String($0.text.split(separator: "/").last ?? "") }
            }
            let name = String(text.prefix { $0 != ":" })
            return (
                "the marker names “\(text.displayable)”, and no application has an image of that name, or several",
                closestMatch(to: name, among: Set(known).sorted()).map { "did you mean “\($0)”?" }
                    ?? "write the name of an image as environments/ has it"
            )
        }
    }

    private static func isKnown(_ name: String, among applications: [Application]) -> Bool {
        applications.contains { SetterMarker.promote(name).field(of: $0) != nil }
    }
}

/// What was found out about where an image is from.
public enum ProvenanceFinding: Hashable, Sendable {
    /// It is as the rules want it; sentences for people: which key, which attestation.
    case proven([String])
    /// It is not; why, for each thing that was looked at.
    case unproven([String])
}

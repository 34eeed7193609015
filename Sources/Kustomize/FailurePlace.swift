import GitOpsTypes
import YAMLEditing

/// Runs `body`, and gives its errors a place.
///
/// - Throws: `KustomizeError` for what fails in a step of a build; or what else `body` throws.
func reporting(in path: RepositoryPath, at position: SourcePosition?, _ body: () throws -> Void) throws {
    do {
        try body()
    } catch let failure as TransformerFailure {
        throw KustomizeError(.conflict, failure.message, in: path, at: position, hint: failure.hint)
    } catch let failure as FieldFailure {
        throw KustomizeError(.invalid, failure.message, in: path, at: position)
    } catch let failure as NameReferenceUpdate.Ambiguity {
        throw KustomizeError(.conflict, failure.message, in: path, at: position, hint: "give them different names")
    }
}

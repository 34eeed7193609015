import CLibYAML
import YAMLEditing

/// libyaml's emitter, fed with one document.
final class YAMLEmitter {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private var output: [UInt8] = []

    /// How a collection is written.
    enum Layout {
        case block
        case flow
    }

    /// - Parameter foldsLines: whether long texts are broken at eighty columns.
    init(foldsLines: Bool = true) {
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        // Fails only for want of memory, and then nothing else works either.
        precondition(yaml_emitter_initialize(emitter) == 1, "no memory for a YAML emitter")
        yaml_emitter_set_unicode(emitter, 1)
        if !foldsLines { yaml_emitter_set_width(emitter, -1) }
        yaml_emitter_set_output(
            emitter,
            { context, buffer, size in
                guard let context, let buffer else { return 0 }
                Unmanaged<YAMLEmitter>.fromOpaque(context).takeUnretainedValue().output
                    .append(contentsOf: UnsafeBufferPointer(start: buffer, count: size))
                return 1
            }, Unmanaged.passUnretained(self).toOpaque())
        var event = yaml_event_t()
        yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)
        send(&event)
        yaml_document_start_event_initialize(&event, nil, nil, nil, 1)
        send(&event)
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deinitialize(count: 1)
        emitter.deallocate()
    }

    func finish() -> [UInt8] {
        var event = yaml_event_t()
        yaml_document_end_event_initialize(&event, 1)
        send(&event)
        yaml_stream_end_event_initialize(&event)
        send(&event)
        // libyaml ends a document so whose last text keeps its empty lines; Kustomize does not.
        let end = Array("...\n".utf8)
        if output.suffix(end.count + 1) == [UInt8(ascii: "\n")] + end { output.removeLast(end.count) }
        return output
    }

    func list(_ layout: Layout, _ items: () -> Void) {
        var event = yaml_event_t()
        yaml_sequence_start_event_initialize(
            &event, nil, nil, 1, layout == .flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)
        send(&event)
        items()
        yaml_sequence_end_event_initialize(&event)
        send(&event)
    }

    func map(_ layout: Layout, _ entries: () -> Void) {
        var event = yaml_event_t()
        yaml_mapping_start_event_initialize(
            &event, nil, nil, 1, layout == .flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
        send(&event)
        entries()
        yaml_mapping_end_event_initialize(&event)
        send(&event)
    }

    /// - Parameter tag: written where it is given, in full.
    func scalar(_ text: String, _ style: yaml_scalar_style_t, tag: String? = nil) {
        var event = yaml_event_t()
        var text = text
        var tagBytes = tag.map { Array($0.utf8) + [0] }
        text.withUTF8 { buffer in
            // libyaml copies the text; it only lacks the const.
            let base = UnsafeMutablePointer(mutating: buffer.baseAddress)
            if tagBytes != nil {
                tagBytes?.withUnsafeMutableBufferPointer { tag in
                    _ = yaml_scalar_event_initialize(&event, nil, tag.baseAddress, base, Int32(buffer.count), 0, 0, style)
                }
            } else {
                _ = yaml_scalar_event_initialize(&event, nil, nil, base, Int32(buffer.count), 1, 1, style)
            }
        }
        send(&event)
    }

    private func send(_ event: inout yaml_event_t) {
        // The sequence of events is ours and always balanced, and the output grows in memory.
        precondition(yaml_emitter_emit(emitter, &event) == 1, "libyaml refused an event of a balanced document")
    }
}

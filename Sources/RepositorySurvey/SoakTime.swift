/// How long a release has to be verified in one environment before it goes to the next.
struct SoakTime: Hashable {
    let seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
    }

    /// From a duration as Go writes it, such as `1h30m` or `1.5h`, in whole seconds; nil where it is none, or zero.
    ///
    /// Source: Go, `time.ParseDuration`.
    init?(go text: String) {
        let units: [String: Double] = [
            "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9,
        ]
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(number.count).prefix { $0.isLetter }
            guard let value = Double(number), let size = units[String(unit)] else { return nil }
            total += value * size
            rest = rest.dropFirst(number.count + unit.count)
        }
        guard total > 0, total < 1e9 else { return nil }
        seconds = Int64(total.rounded(.up))
    }

    /// As the configuration has it: `1d12h`.
    var text: String {
        let units: [(size: Int64, name: String)] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        var rest = seconds
        return units.map { size, name in
            defer { rest %= size }
            return rest / size > 0 ? "\(rest / size)\(name)" : ""
        }.joined()
    }
}

# Annotations: `line` is a command for GitHub's runner, `quality` an entry of GitLab's code quality report.
# Source: docs.github.com, "Workflow commands for GitHub Actions"; docs.gitlab.com, "Code quality report format".
def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
def property: data | gsub(":"; "%3A") | gsub(","; "%2C");

# Where a message says that something is wrong: path:line:column: what.
def place:
  (capture("(?<file>[^\\s:“”]+):(?<line>[0-9]+):(?<column>[0-9]+): (?<what>[^\n]*)") // null)
  // (capture("(?:^|\\s)(?<file>[^\\s:“”]+\\.ya?ml): (?<what>[^\n]*)") // null);

def annotation($level; $title):
  . as $message | (try place catch null) as $place
  | ([if $place then "file=\(($folder + $place.file) | property)" else empty end,
      if $place.line? then "line=\($place.line)", "col=\($place.column)" else empty end,
      "title=\($title | property)"] | join(",")) as $properties
  | {line: "::\($level) \($properties)::\($message | data)",
     quality: (if $place then
       {description: $message, check_name: $title, severity: (if $level == "error" then "major" else "minor" end),
        fingerprint: ("\($place.file):\($place.line? // 1) \($title) \($message)" | @base64 | .[0:200]),
        location: {path: ($folder + $place.file), lines: {begin: ($place.line? // "1" | tonumber)}}}
       else null end)};

def cleared: if (.clearedBy | length) > 0 then " (cleared by \(.clearedBy | join(", ")))" else "" end;

[if .error then
   .error as $error
   | ($error.message | split("\n")[] | select(. != ""))
   | (. + if $error.hint then "\n\($error.hint)" else "" end)
   | annotation(if $error.code == 75 then "warning" else "error" end; "promote: \($error.rule // $command)")
 elif .verdict then
   ((.environments[] | select(.status != "pass") | . + {subject: "\(.application) in \(.name)"}),
    (.policy | select(.) | select(.status != "pass") | . + {subject: "environments/"}))
   | . as $entry
   | "\($entry.subject): \($entry.detail)\($entry | cleared)"
   | annotation(if $entry.status == "fail" then "error" else "warning" end; "promote: \($entry.rule)")
 elif .steps then
   .steps[] | select(.action == "violation" or .action == "stuck") | . as $step
   | "\([.application, .environment] | map(select(.)) | join(" in ")): \(.detail)"
   | annotation(if $step.action == "violation" then "error" else "warning" end; "promote: \($step.action)")
 else empty end]
# Of each level, GitHub shows ten to a step.
| .[0:10]

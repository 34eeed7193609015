# What promote answered, as Markdown: the answer first, then what stands against it, then the rest.
def text: tostring | gsub("(?<c>[\\\\`*\\[\\]<>|!])"; "\\\(.c)") | gsub("[\r\n]+"; " ");
def cell: if . == null or . == "" then "–" else text end;
def row: "| " + (map(cell) | join(" | ")) + " |";
def mark: if . == "pass" then "✅" elif . == "pending" then "⏳" else "❌" end;

def images: .images // [] | if length == 0 then empty else
  "", "| image | tag | digest |", "|---|---|---|", (.[] | [.name, .tag, .digest] | row) end;

def checks:
  (. // []) as $all | ($all | map(select(.status != "pass"))) as $open | (($all | length) - ($open | length)) as $passed
  | (if ($open | length) > 0 then
       "", "| | rule | what was found | who can clear it |", "|---|---|---|---|",
       ($open[] | "| \(.status | mark) \([.rule, .detail, (.clearedBy | join(", "))] | row)")
     else empty end),
    (if $passed > 0 then "", "\($passed) \(if $passed == 1 then "check passes" else "checks pass" end)" else empty end);

if .error then
  .error
  | "### ❌ \(if .code == 75 then "Waits" elif .rule then "Refused" else "Failed" end)\(if .rule then ": \(.rule | text)" else "" end)",
    "", (.message | text), (if .hint then "", "What to do: \(.hint | text)" else empty end), (.checks | checks)
elif .verdict then "### \(.verdict | mark) \(.verdict | text)"
elif .promotion then
  "### \(.promotion | text) is \(.state | text): \(.release | text) from \(.from | text) to \(.to | text)",
  (if .pullRequest.url? then "", "<\(.pullRequest.url)>" else empty end), (.checks | checks), images
elif .result then
  "### \(.release | text) \(.result | text) in \(.environment | text)",
  (if .evidence then "", "Evidence: \(.evidence | text)" else empty end)
elif .told then
  "### \(.told | length) \(if (.told | length) == 1 then "deployment" else "deployments" end) told to \(.forge | text)",
  (if (.told | length) > 0 then
     "", "| environment | release | state | digest | link |", "|---|---|---|---|---|",
     (.told[] | [.environment, .release, .state, .digest, .link] | row)
   else empty end)
elif .steps then
  "### \($command | text): \(if (.steps | length) == 0 then "nothing to do" else "\(.steps | length) \(if (.steps | length) == 1 then "step" else "steps" end)" end)",
  (if (.steps | length) > 0 then
     "", "| | application | environment | promotion | |", "|---|---|---|---|---|",
     (.steps[] | [.action, .application, .environment, .promotion, .detail] | row)
   else empty end)
elif .release then "### \(.release | text) is \(if .created then "registered" else "registered already" end)", images
else "### \($command | text): done" end

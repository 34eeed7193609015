# What every environment runs, of `promote status` ($past has the same with the promotions that brought it there), as deployments.
(.applications | length) as $count
| .applications[] | .name as $application
| .environments[] | select(.release and .state) | . as $now
| ([$past[0].applications[] | select(.name == $application) | .environments[]
    | select(.name == $now.name and .release == $now.release)][0] // {}) as $brought
| (.images | map("\(.name)\(if .tag then ":\(.tag)" else "" end)@\(.digest)")) as $images
| {application: $application, environment: (if $count == 1 then .name else "\($application)/\(.name)" end),
   release, since, state, promotion: $brought.promotion, images: $images, digest: ($images | join(" ")),
   sha: $tip, link: $brought.run,
   description: "\(.release): \(.images | map("\(.tag // "") \(.digest)" | ltrimstr(" ")) | join(", "))",
   states: ({merged: {github: "in_progress", gitlab: "running"}, failed: {github: "failure", gitlab: "failed"}}[.state]
            // {github: "success", gitlab: "success"})}

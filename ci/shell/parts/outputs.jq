# Outputs as lines name=value: release, promotion, state, verdict, url. None can have a line end.
def pair($name; $value): if $value == null then empty else "\($name)=\($value | tostring | gsub("[\r\n]"; " "))" end;
pair("release"; .release),
pair("promotion"; .promotion),
pair("state"; .state),
pair("verdict"; .verdict),
pair("url"; .pullRequest.url?)

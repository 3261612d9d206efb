module {{name}}

go 1.25

require mlwasm v0.0.0

replace mlwasm => ./.mlwasm/sdk

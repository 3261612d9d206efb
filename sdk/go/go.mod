module mlwasm

go 1.25

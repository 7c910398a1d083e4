minutes = { $minutes ->
    [0] less than a minute
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
code = { $code } is your { $brand } code. It is good for { minutes }. Never share it with anyone.
short = { $code } is your { $brand } code, good for { minutes }. Never share it.
reference = Reference: { $reference }.

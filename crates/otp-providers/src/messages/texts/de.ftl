minutes = { $minutes ->
    [0] weniger als eine Minute
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
}
code = { $code } ist Ihr Code für { $brand }. Er gilt { minutes }. Geben Sie ihn an niemanden weiter.
short = { $code } ist Ihr Code für { $brand }, gültig { minutes }. Nicht weitergeben.
reference = Referenz: { $reference }.

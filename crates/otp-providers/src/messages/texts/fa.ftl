minutes = { $minutes ->
    [0] کمتر از یک دقیقه
   *[other] { $minutes } دقیقه
}
code = کد { $brand } شما: { $code }. تا { minutes } معتبر است. آن را به هیچ‌کس ندهید.
short = کد { $brand }: { $code }، { minutes }. به کسی ندهید.
reference = شناسه: { $reference }.

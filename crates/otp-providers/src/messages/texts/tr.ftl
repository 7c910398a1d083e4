minutes = { $minutes ->
    [0] bir dakikadan az
   *[other] { $minutes } dakika
}
code = { $brand } kodunuz: { $code }. { minutes } geçerlidir. Kimseyle paylaşmayın.
short = { $brand } kodu: { $code }, { minutes }. Paylaşmayın.
reference = Referans: { $reference }.

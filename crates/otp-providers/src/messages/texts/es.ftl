minutes = { $minutes ->
    [0] menos de un minuto
    [one] { $minutes } minuto
   *[other] { $minutes } minutos
}
code = { $code } es tu código de { $brand }. Vence en { minutes }. No lo compartas.
# Without the accent of código it is GSM 7-bit.
short = { $code } es tu clave de { $brand }, vence en { minutes }. No la compartas.
reference = Referencia: { $reference }.

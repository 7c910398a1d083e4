minutes = { $minutes ->
    [0] menos de 1 minuto
    [one] { $minutes } minuto
   *[other] { $minutes } minutos
}
code = { $code } é o seu código { $brand }. Vale { minutes }. Não o revele a ninguém.
short = { $code }: código { $brand }, { minutes }. Não revele.
reference = Referência: { $reference }.

minutes = { $minutes ->
    [0] меньше минуты
    [one] { $minutes } минуту
    [few] { $minutes } минуты
   *[other] { $minutes } минут
}
code = { $code } — ваш код { $brand }. Действует { minutes }. Никому не сообщайте.
short = Код { $brand }: { $code }, { minutes }. Не сообщайте его.
reference = Номер: { $reference }.

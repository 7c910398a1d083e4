minutes = { $minutes ->
    [0] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
   *[other] { $minutes } دقيقة
}
code = رمز { $brand } الخاص بك: { $code }. صالح لمدة { minutes }. لا تشاركه مع أحد.
short = رمز { $brand }: { $code }، صالح { minutes }. لا تشاركه.
reference = المرجع: { $reference }.

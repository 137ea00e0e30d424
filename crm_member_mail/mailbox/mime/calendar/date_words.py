"""The words of dates: months in many languages, halves of the day, time zones."""

import unicodedata

#: From January to December; a month has one word or several.
_MONTHS = {
    "en": "jan january; feb february; mar march; apr april; may; jun june; jul july; aug august;"
    " sep sept september; oct october; nov november; dec december",
    "de": "januar jänner jän; februar feber; märz mär mrz; april; mai; juni; juli; august;"
    " september; oktober okt; november; dezember dez",
    "fr": "janvier janv; février févr fév; mars; avril avr; mai; juin; juillet juil; août aoû;"
    " septembre; octobre; novembre; décembre déc",
    "es": "enero ene; febrero; marzo; abril abr; mayo; junio; julio; agosto ago;"
    " septiembre setiembre set; octubre; noviembre; diciembre dic",
    "it": "gennaio gen; febbraio; marzo; aprile; maggio mag; giugno giu; luglio lug; agosto ago;"
    " settembre set; ottobre ott; novembre; dicembre dic",
    "pt": "janeiro; fevereiro fev; março; abril abr; maio mai; junho; julho; agosto ago;"
    " setembro set; outubro out; novembro; dezembro dez",
    "ca": "gener; febrer; març; abril; maig; juny; juliol; agost; setembre; octubre; novembre;"
    " desembre",
    "nl": "januari; februari; maart mrt; april; mei; juni; juli; augustus; september; oktober okt;"
    " november; december",
    "sv": "januari; februari; mars; april; maj; juni; juli; augusti; september; oktober okt;"
    " november; december",
    "da": "januar; februar; marts; april; maj; juni; juli; august; september; oktober; november;"
    " december",
    "no": "januar; februar; mars; april; mai; juni; juli; august; september; oktober; november;"
    " desember des",
    "fi": "tammi tammikuu tammikuuta; helmi helmikuu helmikuuta; maalis maaliskuu maaliskuuta;"
    " huhti huhtikuu huhtikuuta; touko toukokuu toukokuuta; kesä kesäkuu kesäkuuta;"
    " heinä heinäkuu heinäkuuta; elo elokuu elokuuta; syys syyskuu syyskuuta;"
    " loka lokakuu lokakuuta; marras marraskuu marraskuuta; joulu joulukuu joulukuuta",
    "pl": "stycznia styczeń sty; lutego luty lut; marca marzec; kwietnia kwiecień kwi; maja maj;"
    " czerwca czerwiec cze; lipca lipiec lip; sierpnia sierpień sie; września wrzesień wrz;"
    " października październik paź; listopada listopad lis; grudnia grudzień gru",
    "cs": "ledna leden led; února únor úno; března březen bře; dubna duben dub; května květen kvě;"
    " června červen čvn; července červenec čvc; srpna srpen srp; září zář; října říjen říj;"
    " listopadu listopad lis; prosince prosinec pro",
    "hu": "január; február febr; március márc; április ápr; május máj; június jún; július júl;"
    " augusztus; szeptember szept; október okt; november; december",
    "ro": "ianuarie ian; februarie; martie; aprilie; mai; iunie iun; iulie iul; august;"
    " septembrie; octombrie; noiembrie noi; decembrie",
    "tr": "ocak oca; şubat şub; mart; nisan nis; mayıs; haziran haz; temmuz tem; ağustos ağu;"
    " eylül eyl; ekim eki; kasım kas; aralık ara",
    "ru": "января январь янв; февраля февраль фев февр; марта март мар; апреля апрель апр;"
    " мая май; июня июнь июн; июля июль июл; августа август авг; сентября сентябрь сен сент;"
    " октября октябрь окт; ноября ноябрь ноя нояб; декабря декабрь дек",
    "uk": "січня січень січ; лютого лютий лют; березня березень бер; квітня квітень кві;"
    " травня травень тра; червня червень чер; липня липень лип; серпня серпень сер;"
    " вересня вересень вер; жовтня жовтень жов; листопада листопад лис; грудня грудень гру",
    "el": "ιανουαρίου ιανουάριος ιαν; φεβρουαρίου φεβρουάριος φεβ; μαρτίου μάρτιος μαρ;"
    " απριλίου απρίλιος απρ; μαΐου μάιος μαΐ; ιουνίου ιούνιος ιουν; ιουλίου ιούλιος ιουλ;"
    " αυγούστου αύγουστος αυγ; σεπτεμβρίου σεπτέμβριος σεπ; οκτωβρίου οκτώβριος οκτ;"
    " νοεμβρίου νοέμβριος νοε; δεκεμβρίου δεκέμβριος δεκ",
    "sk": "januára január; februára február; marca marec; apríla apríl; mája máj; júna jún; júla júl;"
    " augusta august; septembra september; októbra október; novembra november; decembra december",
    "sl": "januar; februar; marec; april; maj; junij; julij; avgust avg; september; oktober; november;"
    " december",
    # Its October is November in other languages, and its short forms for June and July are later there.
    "hr": "siječnja siječanj sij; veljače veljača velj; ožujka ožujak ožu; travnja travanj tra;"
    " svibnja svibanj svi; lipnja lipanj; srpnja srpanj; kolovoza kolovoz kol; rujna rujan ruj; ;"
    " studenoga studenog studeni stu; prosinca prosinac",
    "sr": "јануар јан; фебруар феб; март мар; април апр; мај; јун; јул; август авг; септембар сеп;"
    " октобар окт; новембар нов; децембар дец",
    "bg": "януари яну; февруари; март; април; май; юни; юли; август; септември сеп; октомври;"
    " ноември ное; декември",
    "lt": "sausio sausis saus; vasario vasaris vas; kovo kovas; balandžio balandis bal;"
    " gegužės gegužė geg; birželio birželis birž; liepos liepa liep; rugpjūčio rugpjūtis rugp;"
    " rugsėjo rugsėjis rugs; spalio spalis spal; lapkričio lapkritis lapkr; gruodžio gruodis gruod",
    "lv": "janvāris; februāris; marts; aprīlis; maijs; jūnijs; jūlijs; augusts; septembris; oktobris;"
    " novembris; decembris",
    "et": "jaanuar jaan; veebruar veebr; märts; aprill; mai; juuni; juuli; august; september; oktoober;"
    " november; detsember dets",
    "id": "januari; februari; maret; april; mei; juni; juli; agustus; september; oktober; november;"
    " desember",
    "he": "ינואר בינואר ינו; פברואר בפברואר פבר; מרץ במרץ; אפריל באפריל אפר; מאי במאי; יוני ביוני;"
    " יולי ביולי; אוגוסט באוגוסט אוג; ספטמבר בספטמבר ספט; אוקטובר באוקטובר אוק; נובמבר בנובמבר נוב;"
    " דצמבר בדצמבר דצמ",
    "ar": "يناير; فبراير; مارس; أبريل; مايو; يونيو; يوليو; أغسطس; سبتمبر; أكتوبر; نوفمبر; ديسمبر",
    "zh": "一月; 二月; 三月; 四月; 五月; 六月; 七月; 八月; 九月; 十月; 十一月; 十二月",
}

#: Hours from UTC. Where zones share a name, it is that of RFC 5322 section 4.3, or of more people.
_ZONES = {
    -11: "sst",
    -10: "hst hast",
    -9: "akst hdt",
    -8: "pst akdt",
    -7: "mst pdt",
    -6: "cst mdt",
    -5: "est cdt cot pet",
    -4: "ast edt bot vet clt pyt",
    -3.5: "nst",
    -3: "adt art brt clst uyt",
    -2.5: "ndt",
    -2: "brst",
    0: "ut utc gmt z wet",
    1: "cet met mez bst west wat hnec",
    2: "cest mest mesz eet cat sast haec",
    3: "eest msk eat idt trt",
    3.5: "irst",
    4: "msd gst samt azt get amt",
    4.5: "aft",
    5: "pkt yekt uzt",
    5.5: "ist",
    5.75: "npt",
    6: "omst almt",
    6.5: "mmt",
    7: "krat novt ict wib",
    8: "irkt hkt sgt pht awst myt wita",
    9: "jst kst yakt wit",
    9.5: "acst",
    10: "aest vlat",
    10.5: "acdt",
    11: "aedt magt",
    12: "nzst pett fjt",
    13: "nzdt",
}

#: What is added to the hours up to 12, as said before noon and after.
_HALVES = {0: "am 上午 午前 오전 πμ öö", 12: "pm 下午 午後 오후 μμ ös"}


def folded(text):
    """Text in lower case without accents, with one blank for all blanks."""
    text = text.casefold()
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("ı", "i")
    # Korean letters were taken apart, too.
    return " ".join(unicodedata.normalize("NFC", text).split())


#: The number of a month, the minutes from UTC and the hours to add, by folded words.
MONTHS = {
    word: number
    for names in _MONTHS.values()
    for number, words in enumerate(folded(names).split(";"), start=1)
    for word in (*words.split(), f"{number}月", f"{number:02}月", f"{number}월", f"{number:02}월")
}
ZONES = {word: round(hours * 60) for hours, words in _ZONES.items() for word in words.split()}
HALVES = {word: hours for hours, words in _HALVES.items() for word in folded(words).split()}

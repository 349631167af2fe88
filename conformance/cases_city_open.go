package conformance

import "strings"

// cityChoices find out which names of a city are understood.
var cityChoices = []testCase{
	{"city/names", []string{"PRM-CITY-6", "PRM-CITY-8"}, []need{needTwoCities}, (*trial).cityNames},
}

// latin are the names of large cities in Latin letters.
var latin = map[string]string{
	"北京": "beijing", "上海": "shanghai", "广州": "guangzhou", "深圳": "shenzhen", "杭州": "hangzhou", "成都": "chengdu", "重庆": "chongqing",
	"武汉": "wuhan", "南京": "nanjing", "天津": "tianjin", "西安": "xian", "苏州": "suzhou",
}

// cityNames asks for cities by their names with the suffix and in Latin letters.
func (t *trial) cityNames() {
	var suffixed, inLatin [][2]string
	for _, city := range t.provision.Pool("main").Cities() {
		if !strings.HasSuffix(city, "市") {
			suffixed = append(suffixed, [2]string{city, city + "市"})
		}
		if name := latin[city]; name != "" {
			inLatin = append(inLatin, [2]string{city, name})
		}
	}
	t.cityName("city_suffix", "the name of a city with its suffix", suffixed)
	t.cityName("city_language", "the name of a city in Latin letters", inLatin)
}

// cityName finds out whether other names stand for cities, each of which has its name here first. Two cities several times in a row are no
// chance, and no place where the numbers of all unknown cities come from.
func (t *trial) cityName(id, text string, cities [][2]string) {
	const each = 3
	p := t.provision.Pool("main")
	if len(cities) < 2 || t.bindings.left() < 2*each || t.bind().get("PhoneNoX") != "" {
		return
	}
	inCity := 0
	for i := range 2 * each {
		city, name := cities[i%2][0], cities[i%2][1]
		if t.freeIn(p, city) < 1 {
			return
		}
		x := t.send(t.bind().set("ExpectCity", name).saying(text))
		if !x.ok() {
			t.chooseRefusal(id, text, x)
			return
		}
		if of, _ := p.CityOf(x.secretNo); of == city {
			inCity++
		}
	}
	value := "not understood"
	if inCity == 2*each {
		value = "understood"
	}
	t.choose(id, text, value, itoa(inCity)+" of "+itoa(2*each)+" bindings in the city")
}

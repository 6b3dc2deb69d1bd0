package corpus

import "strings"

// Words of the corpus. None is, or holds, a word that a rule asks for near a
// value ("call", "text", "card", the Spanish "sin"): a test sees to it.

var givenNames = strings.Fields(`Ada Bruno Carla Dario Elena Farid Greta Hanna Ivo Jonas Kaito Lena Marta Nadia Olga
	Pavel Quentin Rosa Samir Tessa Ulla Viktor Wanda Xenia Yara Zeno Amrit Beata Chidi Dunja`)

var familyNames = strings.Fields(`Abel Berger Castro Dubois Eriksen Ferrari Gruber Hansen Ivanov Jensen Kowalski
	Lindgren Moreau Novak Oliveira Petrov Quist Rossi Schmidt Tanaka Ueda Vargas Weber Yilmaz Zeller`)

// vocabulary returns words of a language; of one it does not know, English
// ones.
func vocabulary(lang string) []string {
	if w, ok := vocabularies[lang]; ok {
		return w
	}
	return vocabularies["en"]
}

var vocabularies = map[string][]string{
	"en": strings.Fields(`the quick review shows that every autumn the harbour fills with timber and the market opens early
		before rain moves over green hills while boats return slowly under bright morning light near old stone bridges
		where people gather meet and share bread stories music about distant summers`),
	"de": strings.Fields(`der lange Sommer bringt viele Menschen an das Ufer wo Boote ruhig liegen und Kinder spielen während
		über dem Wald langsam Nebel steigt denn schon morgen beginnt wieder ein neuer Markt unter hohen grünen Bäumen`),
	"fr": strings.Fields(`le matin se lève doucement sur la rivière où les bateaux avancent sans bruit pendant que le marché
		ouvre déjà ses portes sous un ciel très clair et que chacun cherche du pain frais près du vieux pont`),
	"es": strings.Fields(`el viento mueve las hojas sobre el camino donde los niños corren hacia la plaza mientras el mercado abre
		muy temprano y toda la gente busca fruta fresca bajo un cielo claro cerca del viejo puente`),
	"it": strings.Fields(`il vento muove le foglie sopra la strada dove i bambini corrono verso la piazza mentre il mercato apre
		molto presto e tutta la gente cerca pane fresco sotto un cielo chiaro vicino al vecchio ponte`),
	"pt": strings.Fields(`o vento move as folhas sobre a estrada onde as crianças correm para a praça enquanto o mercado abre
		muito cedo e toda a gente procura comida fresca sob um céu claro perto da velha ponte`),
}

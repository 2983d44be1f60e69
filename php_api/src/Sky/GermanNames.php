<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

/** What showpieces of the sky are called in German: no catalogue that workers use has these names. */
final class GermanNames
{
    /** Designations => names, both with bars between them. */
    private const NAMES = [
        'M1|NGC1952' => 'Krebsnebel|Krabbennebel',
        'M8|NGC6523' => 'Lagunennebel',
        'M11|NGC6705' => 'Wildentenhaufen',
        'M13|NGC6205' => 'Herkuleshaufen|Kugelsternhaufen im Herkules',
        'M16|NGC6611' => 'Adlernebel',
        'M17|NGC6618' => 'Omeganebel|Schwanennebel|Hufeisennebel',
        'M20|NGC6514' => 'Trifidnebel',
        'M24' => 'Kleine Sagittariuswolke',
        'M27|NGC6853' => 'Hantelnebel',
        'M31|NGC224' => 'Andromedagalaxie|Andromedanebel',
        'M33|NGC598' => 'Dreiecksgalaxie|Dreiecksnebel',
        'M42|NGC1976' => 'Orionnebel|Großer Orionnebel',
        'M44|NGC2632' => 'Krippe|Bienenkorb',
        'M45' => 'Plejaden|Siebengestirn',
        'M51|NGC5194' => 'Strudelgalaxie|Whirlpoolgalaxie',
        'M57|NGC6720' => 'Ringnebel|Ringnebel in der Leier',
        'M63|NGC5055' => 'Sonnenblumengalaxie',
        'M64|NGC4826' => 'Schwarzes Auge|Schwarzaugengalaxie',
        'M65|M66|NGC3623|NGC3627|NGC3628' => 'Leo-Triplett|Löwe-Triplett',
        'M74|NGC628' => 'Phantomgalaxie',
        'M76|NGC650|NGC651' => 'Kleiner Hantelnebel',
        'M81|NGC3031' => 'Bodes Galaxie|Bode-Galaxie',
        'M82|NGC3034' => 'Zigarrengalaxie',
        'M83|NGC5236' => 'Südliche Feuerradgalaxie',
        'M97|NGC3587' => 'Eulennebel',
        'M101|NGC5457' => 'Feuerradgalaxie',
        'M104|NGC4594' => 'Sombrerogalaxie',
        'NGC104' => '47 Tucanae',
        'NGC246' => 'Schädelnebel',
        'NGC253' => 'Sculptor-Galaxie|Silberdollargalaxie',
        'NGC281' => 'Pacman-Nebel',
        'NGC292' => 'Kleine Magellansche Wolke',
        'NGC457' => 'Eulenhaufen|ET-Haufen',
        'NGC869|NGC884' => 'h und chi Persei|Doppelsternhaufen im Perseus',
        'NGC1499' => 'Kaliforniennebel',
        'NGC1501' => 'Austernnebel',
        'NGC1977' => 'Laufender Mann',
        'NGC2024' => 'Flammennebel',
        'NGC2070' => 'Tarantelnebel',
        'NGC2174' => 'Affenkopfnebel',
        'NGC2237|NGC2244' => 'Rosettennebel',
        'NGC2261' => 'Hubbles Veränderlicher Nebel',
        'NGC2264' => 'Konusnebel|Weihnachtsbaumhaufen',
        'NGC2359' => 'Thors Helm',
        'NGC2392' => 'Eskimonebel',
        'NGC3242' => 'Jupiters Geist',
        'NGC3372' => 'Carinanebel',
        'NGC4038|NGC4039' => 'Antennengalaxien',
        'NGC4565' => 'Nadelgalaxie',
        'NGC4631' => 'Walgalaxie',
        'NGC4656' => 'Hockeyschlägergalaxie',
        'NGC5907' => 'Splittergalaxie',
        'NGC6302' => 'Käfernebel',
        'NGC6334' => 'Katzenpfotennebel',
        'NGC6357' => 'Hummernebel',
        'NGC6543' => 'Katzenaugennebel',
        'NGC6888' => 'Sichelnebel|Mondsichelnebel',
        'NGC6946' => 'Feuerwerksgalaxie',
        'NGC6960|NGC6992|NGC6995' => 'Cirrusnebel|Zirrusnebel|Schleiernebel',
        'NGC6960' => 'Sturmvogelnebel|Hexenbesen',
        'NGC7000' => 'Nordamerikanebel',
        'NGC7009' => 'Saturnnebel',
        'NGC7023' => 'Irisnebel',
        'NGC7293' => 'Helixnebel',
        'NGC7317|NGC7318|NGC7319|NGC7320' => 'Stephans Quintett',
        'NGC7380' => 'Zauberernebel',
        'NGC7635' => 'Blasennebel',
        'NGC7662' => 'Blauer Schneeball',
        'IC342' => 'Versteckte Galaxie',
        'IC405' => 'Flammensternnebel',
        'IC434|B33' => 'Pferdekopfnebel',
        'IC443' => 'Quallennebel',
        'IC1396' => 'Elefantenrüsselnebel',
        'IC1805' => 'Herznebel',
        'IC1848' => 'Seelennebel',
        'IC2118' => 'Hexenkopfnebel',
        'IC5070' => 'Pelikannebel',
        'IC5146' => 'Kokonnebel',
        'C9|Sh2-155' => 'Höhlennebel',
        'LMC' => 'Große Magellansche Wolke',
    ];

    /** @return list<string> designations of the objects that have the text in a name, whatever its capitals, blanks and hyphens */
    public static function designations(string $text): array
    {
        $sought = self::folded($text);
        $found = [];
        foreach (mb_strlen($sought) < ObjectNames::LEAST_LETTERS ? [] : self::NAMES as $designations => $names) {
            foreach (explode('|', $names) as $name) {
                if (str_contains(self::folded($name), $sought)) {
                    array_push($found, ...explode('|', $designations));
                }
            }
        }

        return array_values(array_unique($found));
    }

    /** With umlauts written out, as many do. */
    private static function folded(string $text): string
    {
        $plain = strtr(mb_strtolower($text, 'UTF-8'), ['ä' => 'ae', 'ö' => 'oe', 'ü' => 'ue', 'ß' => 'ss', '’' => '', "'" => '']);

        return (string) preg_replace('/[\s_-]+/u', '', mb_scrub($plain, 'UTF-8'));
    }
}

<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages\Stars;

use CrowdSky\Calibrations\Calibration;
use CrowdSky\Http\Language;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\Stars\FlagWords;
use CrowdSky\Pages\Stars\PeriodWords;
use CrowdSky\Pages\Texts;
use CrowdSky\Stars\StarFlag;
use PHPUnit\Framework\TestCase;

final class WordsTest extends TestCase
{
    public function testEveryFlagHasWordsOfItsOwn(): void
    {
        $bits = (new \ReflectionClass(StarFlag::class))->getConstants();
        $words = [];
        foreach ($bits as $name => $bit) {
            $found = [...FlagWords::ofPoint($bit, self::english()), ...FlagWords::ofStar($bit, self::english())];
            self::assertCount(1, $found, $name);
            self::assertSame(FlagWords::ofPoint($bit, self::english()) !== [], FlagWords::isDoubtful($bit), $name);
            $words[] = $found[0];
        }

        self::assertCount(count($bits), array_unique($words));
        self::assertSame([], FlagWords::ofPoint(0, self::english()));
    }

    /** @dataProvider periods */
    public function testAPeriodHasTheDigitsThatItsErrorAllows(?float $period, ?float $error, string $words): void
    {
        self::assertSame($words, PeriodWords::period(self::found(['period_d' => $period, 'period_error_d' => $error]), self::english()));
    }

    /** @return array<string, array{?float, ?float, string}> */
    public static function periods(): array
    {
        return [
            'two digits of the error' => [0.55342518, 0.0000213, '0.553425 ± 0.000021 d'],
            'of days' => [331.4, 2.6, '331.4 ± 2.6 d'],
            'of tens of days' => [331.4, 26.0, '331 ± 26 d'],
            'none' => [null, null, 'none is claimed'],
            'without error' => [0.5534, null, '0.553400 d, error not known'],
            'error of nothing' => [0.5534, 0.0, '0.553400 d, error not known'],
        ];
    }

    public function testWhatNoiseAloneMayGive(): void
    {
        $words = array_map(
            static fn (?float $chance): string => PeriodWords::falseAlarm(self::found(['period_fap' => $chance]), self::english()),
            [null, 0.0, 1e-30, 2.4e-7, 0.05],
        );

        self::assertSame(['not known', 'below 10⁻¹²', 'below 10⁻¹²', '2e-7', '5.00 %'], $words);
    }

    public function testEclipsesAndTrends(): void
    {
        self::assertSame('0.015 mag deep, 173 min long', PeriodWords::eclipse(self::found(['depth_mag' => 0.015, 'duration_d' => 0.12]), self::english()));
        self::assertNull(PeriodWords::eclipse(self::found([]), self::english()));
        self::assertSame('3.65 mag a year fainter', PeriodWords::trend(self::found(['trend_mag_per_d' => 0.01]), self::english()));
        self::assertSame('3.65 mag a year brighter', PeriodWords::trend(self::found(['trend_mag_per_d' => -0.01]), self::english()));
        self::assertNull(PeriodWords::trend(self::found([]), self::english()));
    }

    /** @param array<string, mixed> $changes */
    private static function found(array $changes): FoundVariable
    {
        $calibration = Calibration::fromRow([
            'id' => 1, 'field_id' => 1, 'owner_id' => 0, 'version' => 1, 'catalogue' => null, 'n_epochs' => 9, 'n_stars' => 9, 'created_at' => '2026-07-01 20:00:00', 'model' => '{}', 'copies' => null, 'withdrawn' => 0,
            'job_id' => 1, 'path' => '/calibration.fits', 'file_size_bytes' => 1, 'sha256' => '', 'sent_sha256' => '', 'fingerprint' => '',
        ]);
        $row = [
            'star_id' => 1, 'ra_deg' => 10.0, 'dec_deg' => 20.0, 'band' => 'G', 'kind' => 'periodic', 'score' => 1.0, 'excess_mag' => 0.1,
            'n_points' => 9, 'n_nights' => 9, 'amplitude_mag' => 0.2, 'period_d' => null, 'period_error_d' => null, 'period_fap' => null,
            't0_bjd' => null, 'depth_mag' => null, 'duration_d' => null, 'trend_mag_per_d' => null, 'bright_epoch_id' => null, 'faint_epoch_id' => null,
            'amplitude_error_mag' => null, 'remark' => null,
        ];

        return FoundVariable::fromRow(array_replace($row, $changes), $calibration);
    }

    private static function english(): Texts
    {
        return new Texts(Language::English);
    }
}

<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Calibrations;

use CrowdSky\Base\Refusal;
use CrowdSky\Calibrations\CalibrationOrder;
use CrowdSky\Calibrations\CalibrationScope;
use CrowdSky\Calibrations\ObservationsFile;
use CrowdSky\Calibrations\OrderedStars;
use CrowdSky\Calibrations\TelescopeNames;
use CrowdSky\Fits\TableReader;
use CrowdSky\Tests\Database\StillClock;
use CrowdSky\Variables\VariableCatalogues;
use PHPUnit\Framework\TestCase;

final class ObservationsFileTest extends TestCase
{
    private SmallSky $sky;
    private string $path;

    protected function setUp(): void
    {
        $this->sky = new SmallSky(new StillClock());
        $this->path = (string) tempnam(sys_get_temp_dir(), 'observations');
    }

    protected function tearDown(): void
    {
        unlink($this->path);
    }

    public function testObservationsNameRowsOfTheOtherTables(): void
    {
        $anna = $this->sky->user('anna');
        $epochs = array_map(fn (): int => $this->sky->epoch($anna)[1], range(1, 3));
        $stars = [$this->sky->star([$epochs[0], $epochs[2]], 100.0), $this->sky->star([$epochs[1]], 200.0), $this->sky->star([$epochs[2]], 300.0)];

        $this->write([$epochs[0], $epochs[2]]);
        $bytes = (string) file_get_contents($this->path);
        $this->write([$epochs[0], $epochs[2]]);

        self::assertSame($bytes, file_get_contents($this->path), 'the same rows give the same bytes');
        $tables = TableReader::inFile($this->path);
        self::assertSame([$epochs[0], $epochs[2]], $this->column($tables['EPOCHS'], 'EPOCH_ID'));
        self::assertSame([$stars[0], $stars[2]], $this->column($tables['STARS'], 'STAR_ID'));
        self::assertSame([0, 0, 1], $this->column($tables['OBSERVATIONS'], 'STAR'));
        self::assertSame([0, 1, 1], $this->column($tables['OBSERVATIONS'], 'EPOCH'));
        self::assertSame([100.0, 100.0, 300.0], $this->column($tables['OBSERVATIONS'], 'FLUX_G'));
    }

    public function testAStackThatIsDeletedMeanwhileMovesNoObservationToAnother(): void
    {
        $anna = $this->sky->user('anna');
        $epochs = array_map(fn (): int => $this->sky->epoch($anna)[1], range(1, 3));
        $this->sky->star($epochs);
        $this->sky->database->execute('DELETE FROM epochs WHERE id = ?', [$epochs[0]]);

        $this->expectException(Refusal::class);
        $this->write($epochs);
    }

    /** @param list<int> $epochs */
    private function write(array $epochs): void
    {
        $database = $this->sky->database;
        $catalogues = new VariableCatalogues($database, new StillClock());
        $file = new ObservationsFile($database, new OrderedStars($database), $catalogues, new TelescopeNames('secret'));
        $stream = fopen($this->path, 'w+b');
        self::assertNotFalse($stream);
        $file->write($stream, new CalibrationOrder(new CalibrationScope($this->sky->field, 0), 1, '', array_fill_keys($epochs, '')));
        fclose($stream);
    }

    /** @return list<mixed> */
    private function column(TableReader $table, string $name): array
    {
        return array_column(iterator_to_array($table->read([$name]), false), $name);
    }
}

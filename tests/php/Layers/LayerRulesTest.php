<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Layers;

use PHPUnit\Framework\TestCase;

final class LayerRulesTest extends TestCase
{
    private string $root;

    protected function setUp(): void
    {
        $this->root = sys_get_temp_dir() . '/layers-' . bin2hex(random_bytes(8));
        mkdir($this->root);
    }

    protected function tearDown(): void
    {
        $entries = new \RecursiveDirectoryIterator($this->root, \FilesystemIterator::SKIP_DOTS);
        foreach (new \RecursiveIteratorIterator($entries, \RecursiveIteratorIterator::CHILD_FIRST) as $entry) {
            $entry->isDir() ? rmdir($entry->getPathname()) : unlink($entry->getPathname());
        }
        rmdir($this->root);
    }

    public function testTheSiteKeepsTheRules(): void
    {
        self::assertSame([], LayerRules::complaints(dirname(__DIR__, 3) . '/php_api'));
    }

    public function testAFolderMayKnowWhatIsBelowIt(): void
    {
        $this->write('src/Queue/Claims.php', 'use CrowdSky\Jobs\Job; use CrowdSky\Base\Clock;');
        $this->write('src/Pages/Admin/ListPage.php', 'use CrowdSky\Pages\View; new \CrowdSky\Queue\Claims();');

        $this->assertComplaints();
    }

    public function testAReferenceUpwardsIsFound(): void
    {
        $this->write('src/Jobs/Job.php', "\nuse CrowdSky\\Queue\\Claims;");

        $this->assertComplaints('src/Jobs/Job.php:4: Jobs must not know CrowdSky\Queue\Claims: Queue stands above it');
    }

    public function testFoldersOnOneFloorStayApart(): void
    {
        $this->write('src/Raws/Raw.php', 'use CrowdSky\Jobs\Job;');
        $this->write('src/Api/Data/List.php', 'use CrowdSky\Api\Worker\Claims;');

        $this->assertComplaints(
            'src/Api/Data/List.php:3: Api\Data must not know CrowdSky\Api\Worker\Claims: Api\Worker stands beside it',
            'src/Raws/Raw.php:3: Raws must not know CrowdSky\Jobs\Job: Jobs stands beside it',
        );
    }

    public function testACircleIsNamedWithTheFilesThatCloseIt(): void
    {
        $this->write('src/Trust/Opinion.php', 'use CrowdSky\Jobs\Job;');
        $this->write('src/Jobs/Job.php', 'use CrowdSky\Fits\Header;');
        $this->write('src/Fits/Header.php', 'use CrowdSky\Trust\Opinion;');

        $this->assertComplaints(
            'src/Fits/Header.php:3: Fits must not know CrowdSky\Trust\Opinion: Trust stands above it',
            'the folders Fits, Trust, Jobs form a circle: Fits knows Trust (src/Fits/Header.php:3),'
            . ' Trust knows Jobs (src/Trust/Opinion.php:3), Jobs knows Fits (src/Jobs/Job.php:3)',
        );
    }

    public function testAFolderThatTheListDoesNotKnowIsFound(): void
    {
        $this->write('src/Comets/Comet.php', '');
        $this->write('src/Jobs/Job.php', 'use CrowdSky\Comets\Comet;');

        $this->assertComplaints(
            'src/Comets/Comet.php: the folder Comets is on no floor; add it to LayerRules::FLOORS',
            'src/Jobs/Job.php:3: no CrowdSky\Comets\Comet: the folder Comets is on no floor; add it to LayerRules::FLOORS',
        );
    }

    public function testAClassWithoutAFolderIsFound(): void
    {
        $this->write('src/Clock.php', '');
        $this->write('src/Base/Config.php', 'use CrowdSky\Clock; use CrowdSky\Fits as F;');

        $this->assertComplaints(
            'src/Base/Config.php:3: no CrowdSky\Clock: every class lies in a folder of src',
            'src/Base/Config.php:3: no CrowdSky\Fits: every class lies in a folder of src',
            'src/Clock.php: every class lies in a folder of src',
        );
    }

    /** @dataProvider waysToName */
    public function testEveryWayToNameAClassIsSeen(string $code): void
    {
        $this->write('src/Base/Clock.php', $code);

        self::assertCount(1, LayerRules::complaints($this->root), $code);
    }

    /** @return iterable<array{string}> */
    public static function waysToName(): iterable
    {
        yield ['use CrowdSky\Jobs\Job as Task;'];
        yield ['use \CrowdSky\Jobs\Job;'];
        yield ['use CrowdSky\Jobs\{Job};'];
        yield ['use CrowdSky\{Jobs\Job};'];
        yield ['use DateTime, CrowdSky\Jobs\Job;'];
        yield ['use function CrowdSky\Jobs\find;'];
        yield ['new \CrowdSky\Jobs\Job();'];
        yield ['fn (\CrowdSky\Jobs\Job $job) => 1;'];
        yield ['try { f(); } catch (\CrowdSky\Jobs\JobGone) { }'];
        yield ['class A { public function of(): ?\CrowdSky\Jobs\Job { } }'];
        yield ['class A { use \CrowdSky\Jobs\Dates; }'];
        yield ["call_user_func(['CrowdSky\\\\Jobs\\\\Job', 'all']);"];
    }

    public function testWhatAClosureTakesAlongIsNoImport(): void
    {
        $this->write('src/Base/Clock.php', 'return function () use ($jobs) { return new Config("{$jobs}"); };');

        $this->assertComplaints();
    }

    public function testCommentsNameWhatTheyLike(): void
    {
        $this->write('src/Base/Clock.php', "/** @see \\CrowdSky\\Jobs\\Job */\n// CrowdSky\\Jobs\\Job");

        $this->assertComplaints();
    }

    public function testPagesAndCallsEachHaveTheirOwnScripts(): void
    {
        $this->write('public/status.php', 'use CrowdSky\Pages\StatusPage; use CrowdSky\Kernel\App;');
        $this->write('public/job.php', 'use CrowdSky\Jobs\JobStore;');
        $this->write('public/api/next_job.php', 'use CrowdSky\Api\Worker\NextJob; use CrowdSky\Pages\View;');

        $this->assertComplaints(
            'public/api/next_job.php:3: CrowdSky\Pages\View is in Pages; here only Api, Kernel, Http may be named',
            'public/job.php:3: CrowdSky\Jobs\JobStore is in Jobs; here only Pages, Kernel may be named',
        );
    }

    public function testCommandsUseSubjectsAndNoPages(): void
    {
        $this->write('bin/cleanup.php', 'use CrowdSky\Cleanup\Cleanup; use CrowdSky\Pages\View;');

        $this->assertComplaints('bin/cleanup.php:3: a command must not know CrowdSky\Pages\View: Pages is not for it');
    }

    public function testTemplatesShowWhatTheyAreGiven(): void
    {
        $this->write('templates/job.php', "use CrowdSky\\Base\\Format; use CrowdSky\\Jobs\\JobStatus;\n"
            . "use CrowdSky\\Database\\Database;\nuse CrowdSky\\Jobs\\JobServices;\n\$store = new Store();");

        $this->assertComplaints(
            'templates/job.php:4: a template must not know CrowdSky\Database\Database: Database is not for it',
            'templates/job.php:5: a template must not know CrowdSky\Jobs\JobServices: it shows what it is given',
            'templates/job.php:6: a template must not make an object: it shows what it is given',
        );
    }

    public function testQueriesBelongToSubjects(): void
    {
        $this->write('src/Pages/JobPage.php', "\n\$app->database()->one('SELECT 1');\nnew Listing(\$app->database());");
        $this->write('src/Jobs/Job.php', '$this->database->one("SELECT 1");');
        $this->write('bin/migrate.php', '$database->value("SELECT 1");');

        $this->assertComplaints(
            'bin/migrate.php:3: a query belongs in the folder of its subject',
            'src/Pages/JobPage.php:4: a query belongs in the folder of its subject',
        );
    }

    public function testOnlyFacesOfHttpAnswerAsHttpDoes(): void
    {
        $this->write('src/Api/Worker/Claims.php', 'use CrowdSky\Http\HttpError;');
        $this->write('src/Uploads/Sub.php', 'use CrowdSky\Http\HttpError;');

        $this->assertComplaints('src/Uploads/Sub.php:3: Uploads must not know CrowdSky\Http\HttpError: refuse with a Base\Refusal');
    }

    private function write(string $path, string $code): void
    {
        @mkdir(dirname("{$this->root}/$path"), 0777, true);
        $folder = strtr(dirname($path), '/', '\\');
        $head = str_starts_with($path, 'src/') ? 'namespace CrowdSky' . substr($folder, strlen('src')) . ';' : '';
        file_put_contents("{$this->root}/$path", "<?php\n$head\n$code\n");
    }

    private function assertComplaints(string ...$expected): void
    {
        self::assertSame($expected, LayerRules::complaints($this->root));
    }
}

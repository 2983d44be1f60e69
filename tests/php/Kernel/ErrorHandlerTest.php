<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Kernel;

use PHPUnit\Framework\TestCase;

/** The handler that App::boot installs, in a process of its own. */
final class ErrorHandlerTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/crowdsky-errors-' . bin2hex(random_bytes(6));
    }

    protected function tearDown(): void
    {
        foreach (['log/crowdsky.log', 'log/crowdsky.log.once', '.htaccess'] as $file) {
            @unlink("{$this->folder}/$file");
        }
        foreach (['raws', 'stacks', 'spool', 'log', ''] as $folder) {
            @rmdir("{$this->folder}/$folder");
        }
    }

    public function testADeprecationIsLoggedOnceAndTheRequestGoesOn(): void
    {
        $script = 'foreach ([1, 2] as $time) { trigger_error("an old name", E_USER_DEPRECATED); } echo "went on";';

        self::assertSame('went on', $this->answerOf($script));
        self::assertSame('went on', $this->answerOf($script), 'another request');
        self::assertSame(1, substr_count((string) file_get_contents("{$this->folder}/log/crowdsky.log"), 'PHP deprecation: an old name at '));
    }

    public function testEverythingElseIsAnException(): void
    {
        $script = 'try { trigger_error("careful", E_USER_WARNING); } catch (ErrorException $e) { echo $e->getMessage(); }';

        self::assertSame('careful', $this->answerOf($script));
        self::assertFileDoesNotExist("{$this->folder}/log/crowdsky.log");
    }

    private function answerOf(string $script): string
    {
        $start = 'require $argv[1]; CrowdSky\Kernel\App::boot(); ';
        $process = proc_open(
            [PHP_BINARY, '-r', $start . $script, __DIR__ . '/../../../php_api/src/autoload.php'],
            [1 => ['pipe', 'w']],
            $pipes,
            null,
            ['CROWDSKY_DATA_DIR' => $this->folder],
        );
        self::assertIsResource($process);
        $answer = (string) stream_get_contents($pipes[1]);
        proc_close($process);
        return $answer;
    }
}

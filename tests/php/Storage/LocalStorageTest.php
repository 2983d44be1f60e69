<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Storage\LocalStorage;
use CrowdSky\Storage\ObjectStorage;

final class LocalStorageTest extends ObjectStorageContract
{
    protected function storage(string $emptyFolder): ObjectStorage
    {
        return new LocalStorage("$emptyFolder/stacks");
    }

    public function testAListingLeavesOutWhatTheSiteNeverMakes(): void
    {
        $folder = sys_get_temp_dir() . '/listing-' . bin2hex(random_bytes(6));
        mkdir("$folder/base/.hidden", 0700, true);
        array_map(touch(...), ["$folder/base/good.fits", "$folder/base/with blank.fits", "$folder/base/.hidden/x.fits", "$folder/secret"]);
        symlink("$folder/secret", "$folder/base/link.fits");
        symlink($folder, "$folder/base/loop");

        $paths = array_column(iterator_to_array((new LocalStorage($folder))->list('/base'), false), 'path');
        exec('rm -r ' . escapeshellarg($folder));

        self::assertSame(['/base/good.fits'], $paths);
    }
}

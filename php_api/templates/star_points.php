<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var CrowdSky\Pages\Stars\BandCurve $shown
 * @var CrowdSky\Pages\Pager $pager
 * @var bool $isPaging
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\BandCurve;
use CrowdSky\Pages\Stars\FlagWords;

$points = array_slice($shown->points, $pager->offset(), $pager->perPage);
?>
<h2 id="points">Points</h2>
<details class="subs"<?= $isPaging ? ' open' : '' ?>>
<summary>Table of <?= $e(Format::count(count($shown->points), 'point', 'points')) ?> in <?= $e($shown->band->publicName()) ?></summary>
<div class="scroll" role="region" aria-label="Points" tabindex="0">
<table class="stacked">
    <thead><tr><th>BJD (TDB)</th><th>Magnitude</th><th>Error</th><th>Telescope</th><th>Filter</th><th>Exposure</th><th>Stack</th><th>Calibration</th><th>Notes</th></tr></thead>
    <tbody>
<?php foreach ($points as $point) : ?>
        <tr>
            <td data-label="BJD (TDB)"><?= $e(SkyFormat::number($point->bjd, 6)) ?></td>
            <td data-label="Magnitude"><?= $e(SkyFormat::number($point->mag, 3)) ?></td>
            <td data-label="Error"><?= $e(SkyFormat::number($point->magError, 3)) ?></td>
            <td data-label="Telescope"><?= $e(BandCurve::telescope($point)) ?></td>
            <td data-label="Filter"><?= $e($point->filter ?? Format::NONE) ?></td>
            <td data-label="Exposure"><?= $e(Format::seconds($point->exposure)) ?></td>
            <td data-label="Stack"><a href="stack.php?id=<?= $e($point->stackId) ?>"><?= $e($point->stackId) ?></a><?= $point->part === 0 ? '' : ', part ' . $e($point->part) ?></td>
            <td data-label="Calibration"><?= $point->calibration === null ? 'not yet' : $e($point->calibration->name()) ?></td>
            <td data-label="Notes"><?= $e(implode('; ', FlagWords::ofPoint($point->quality))) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', []) ?>
</details>

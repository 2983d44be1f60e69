<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var CrowdSky\Pages\Stars\BandCurve $shown
 * @var CrowdSky\Pages\Pager $pager
 * @var bool $isPaging
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\FlagWords;

$points = array_slice($shown->points, $pager->offset(), $pager->perPage);
?>
<h2 id="points"><?= $t('Points') ?></h2>
<details class="subs"<?= $isPaging ? ' open' : '' ?>>
<summary><?= $t->count(count($shown->points), 'Table of {n} point in {band}', 'Table of {n} points in {band}', ['band' => $shown->band->publicName()]) ?></summary>
<div class="scroll" role="region" aria-label="<?= $t('Points') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th>BJD (TDB)</th><th class="number"><?= $t('Magnitude') ?></th><th class="number"><?= $t('Error') ?></th><th><?= $t('Telescope') ?></th><th><?= $t('Filter') ?></th><th class="number"><?= $t('Exposure') ?></th><th><?= $t('Stack') ?></th><th><?= $t('Calibration') ?></th><th><?= $t('Notes') ?></th></tr></thead>
    <tbody>
<?php foreach ($points as $point) : ?>
        <tr>
            <td class="title" data-label="BJD (TDB)"><?= $e(SkyFormat::number($texts, $point->bjd, 6)) ?></td>
            <td class="number" data-label="<?= $t('Magnitude') ?>"><?= $e(SkyFormat::number($texts, $point->mag, 3)) ?></td>
            <td class="number" data-label="<?= $t('Error') ?>"><?= $e(SkyFormat::number($texts, $point->magError, 3)) ?></td>
            <td data-label="<?= $t('Telescope') ?>"><?= $e($shown->telescope($point)) ?></td>
            <td data-label="<?= $t('Filter') ?>"><?= $e($point->filter ?? Format::NONE) ?></td>
            <td class="number" data-label="<?= $t('Exposure') ?>"><?= $e(Figures::seconds($texts, $point->exposure)) ?></td>
            <td data-label="<?= $t('Stack') ?>"><a href="stack.php?id=<?= $e($point->stackId) ?>"><?= $e($point->stackId) ?></a><?= $point->part === 0 ? '' : ', ' . $t('part {n}', ['n' => $point->part]) ?></td>
            <td data-label="<?= $t('Calibration') ?>"><?= $point->calibration === null ? $t('not yet') : $e($point->calibration->name()) ?></td>
            <td data-label="<?= $t('Notes') ?>"><?= $e(implode('; ', FlagWords::ofPoint($point->quality, $texts))) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?= $partial('pager', []) ?>
</details>

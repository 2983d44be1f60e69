<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var list<CrowdSky\Calibrations\StarCalibration> $means
 * @var ?CrowdSky\Calibrations\StarCalibration $mean of the band that is shown
 * @var ?CrowdSky\Pages\Stars\BandCurve $shown
 * @var ?CrowdSky\Calibrations\Calibration $calibration that the mean is from
 * @var bool $isWithdrawn whether an owner has withdrawn a stack of the calibration
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\LightCurves\Band;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;
use CrowdSky\Pages\Stars\FlagWords;

$doubts = $shown === null ? [] : array_keys(array_filter([
    $t('{n} not yet calibrated', ['n' => $t->number(count($shown->points) - $shown->calibrated())]) => $shown->calibrated() < count($shown->points),
    $t('{n} flagged', ['n' => $t->number($shown->flagged())]) => $shown->flagged() > 0,
]));
$flags = $mean === null ? [] : FlagWords::ofStar($mean->flags, $texts);
?>
<h2><?= $t('Facts') ?></h2>
<dl class="facts-list">
    <dt><?= $t('Position') ?></dt><dd><?= $e(SkyFormat::rightAscension($texts, $star->position->ra)) ?>, <?= $e(SkyFormat::declination($star->position->dec)) ?><br>
        <span class="hint">RA <?= $e(SkyFormat::number($texts, $star->position->ra, 6, '°')) ?>, Dec <?= $e(SkyFormat::signed($texts, $star->position->dec, 6, '°')) ?>, ICRS, <?= $e(SkyFormat::number($texts, $star->positionYear, 1)) ?></span></dd>
    <dt>Gaia</dt><dd><?= $star->gaiaId === null ? $t('not known') : 'DR3 ' . $e($star->gaiaId) ?></dd>
<?php if ($shown !== null) : ?>
    <dt><?= $t('Points') ?></dt><dd><?= $series === 0
        ? $t('{n} in {band},', ['n' => $t->number(count($shown->points)), 'band' => $shown->band->publicName()])
        : $t('{n} of series, every {time}, in {band},', ['n' => $t->number(count($shown->points)), 'time' => Figures::seconds($texts, $series), 'band' => $shown->band->publicName()]) ?>
        <?= $t->count($shown->nights(), '{n} night', '{n} nights') ?>
<?php if ($doubts !== []) : ?>
        <span class="hint"><?= implode(', ', $doubts) ?></span>
<?php endif ?></dd>
<?php if ($series !== 0) : ?>
    <dt><?= $t('Stated error') ?></dt><dd><?= $e(SkyFormat::number($texts, $shown->medianError(), 3, 'mag')) ?> <span class="hint"><?= $t('typical of these points') ?></span></dd>
<?php endif ?>
<?php endif ?>
<?php foreach ($means as $one) : ?>
    <dt><?= $t('Mean {band}', ['band' => Band::from($one->band)->publicName()]) ?></dt><dd><?= $e(SkyFormat::number($texts, $one->mag, 3)) ?> ± <?= $e(SkyFormat::number($texts, $one->error, 3, 'mag')) ?>
        <span class="hint"><?= $series === 0 ? $t->count($one->epochs, 'of {n} point', 'of {n} points') : $t->count($one->epochs, 'of {n} whole stack', 'of {n} whole stacks') ?></span></dd>
<?php endforeach ?>
<?php if ($mean !== null && !$isWithdrawn) : ?>
    <dt><?= $t('Scatter') ?></dt><dd><?= $e(SkyFormat::number($texts, $mean->scatter, 3, 'mag')) ?><?= $series === 0 ? '; ' . $t('stated error {error}', ['error' => SkyFormat::number($texts, $shown?->medianError(), 3, 'mag')]) : ' ' . $t('of whole stacks') ?>
        <span class="hint"><?= $mean->chi2 === null ? '' : $t('reduced chi-square {value}', ['value' => SkyFormat::number($texts, $mean->chi2, 2)]) ?></span></dd>
    <dt><?= $t('Colour') ?></dt><dd><?= $mean->colour === null ? $t('not known') : $e(SkyFormat::signed($texts, $mean->colour, 2, 'mag')) . ' <span class="hint">' . $t('from the reference colour of its calibration') . '</span>' ?></dd>
<?php if ($mean->extra > 0.0) : ?>
    <dt><?= $t('Extra error') ?></dt><dd><?= $e(SkyFormat::number($texts, $mean->extra, 3, 'mag')) ?> <span class="hint"><?= $t('beyond the error model, in each point') ?></span></dd>
<?php endif ?>
<?php endif ?>
    <dt><?= $t('Flags') ?></dt><dd><?= $mean === null || $isWithdrawn ? $t('not known before a calibration') : ($flags === [] ? $t('none') : $e(implode('; ', $flags))) ?><?= $series === 0 ? '' : ' <span class="hint">' . $t('of the star in whole stacks; those of each part are in the table') . '</span>' ?></dd>
<?php if ($calibration !== null) : ?>
    <dt><?= $t('Calibration') ?></dt><dd><?= $t('{name} of {date}', ['name' => $calibration->name(), 'date' => $time($calibration->createdAt)]) ?>
        <span class="hint"><?= $calibration->catalogue === null ? $t('tied to no catalogue') : $t('tied to {catalogue}', ['catalogue' => $calibration->catalogue]) ?>;
            <?= $isWithdrawn ? $t('a stack of it was withdrawn') : $t('{stars} in {stacks}', ['stars' => $texts->count($calibration->stars, '{n} star', '{n} stars'), 'stacks' => $texts->count($calibration->epochs, '{n} stack', '{n} stacks')]) ?><?= $calibration->ownerId === 0 ? '' : '; ' . $t('with your private stacks, for you alone') ?></span></dd>
<?php else : ?>
    <dt><?= $t('Calibration') ?></dt><dd><?= $t('none yet; magnitudes have the zero point of their stack alone') ?></dd>
<?php endif ?>
</dl>

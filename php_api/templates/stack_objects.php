<?php
/**
 * @var list<CrowdSky\Measurements\FieldObject> $objects
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2><?= $t('Objects in the field') ?></h2>
<div class="scroll" role="region" aria-label="<?= $t('Objects in the field') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Object') ?></th><th><?= $t('Position') ?></th><th class="number"><?= $t('Off centre') ?></th><th class="number"><?= $t('Size') ?></th><th class="number"><?= $t('Mag.') ?></th></tr></thead>
    <tbody>
<?php foreach ($objects as $object) : ?>
        <tr>
            <td class="free title" data-label="<?= $t('Object') ?>"><?php if ($object->messier !== null && $object->messier !== $object->name) : ?><strong><?= $e($object->messier) ?></strong> <?php endif ?><?= $e($object->name) ?> <span class="hint"><?= $e(implode(', ', [...$object->otherNames, $texts->repeat($object->type)])) ?></span></td>
            <td data-label="<?= $t('Position') ?>"><?= $e(SkyFormat::rightAscension($texts, $object->ra)) ?><br><?= $e(SkyFormat::declination($object->dec)) ?></td>
            <td class="number" data-label="<?= $t('Off centre') ?>"><?= $e(SkyFormat::number($texts, $object->separation, 1, '′')) ?></td>
            <td class="number" data-label="<?= $t('Size') ?>"><?= $e(SkyFormat::number($texts, $object->size, 1, '′')) ?></td>
            <td class="number" data-label="<?= $t('Magnitude') ?>"><?= $e(SkyFormat::number($texts, $object->magnitude, 1)) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>

<?php
/**
 * What stands in the place of stacks when there is none.
 *
 * @var CrowdSky\Pages\Gallery\GalleryForm $form
 * @var CrowdSky\Pages\TemplateTexts $t
 */
use CrowdSky\Gallery\GalleryScope;

?>
<div class="empty">
<?php if ($form->isNarrowed()) : ?>
    <p><?= $t('No stack matches all of this. Take one of the filters back, or look at everybody’s stacks.') ?></p>
<?php elseif ($form->wish->scope === GalleryScope::Mine) : ?>
    <p><?= $t('No stack yet. A chunk appears here as soon as a worker has stacked it.') ?></p>
    <p><a class="button" href="upload.php"><?= $t('Upload subs') ?></a> <a class="button second" href="status.php"><?= $t('See what is queued') ?></a></p>
<?php else : ?>
    <p><?= $t('Nobody has a public stack here yet.') ?></p>
<?php endif ?>
</div>

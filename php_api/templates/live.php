<?php
/**
 * What keeps the part with the id `live` up to date, with a sentence that says so.
 *
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<p class="hint"><?= $t('Waiting chunks are taken by the next free worker.') ?> <span class="with-script"><?= $t('This page keeps itself up to date.') ?></span>
    <span class="without-script"><?= $t('Reload the page to see how it goes.') ?></span></p>
<script type="module" src="assets/js/nights/page.js"></script>
